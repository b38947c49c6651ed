#include "daemon/own_name.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "log/event.hpp"
#include "net/generation.hpp"
#include "probes/ptr.hpp"

namespace mxhealth::daemon {
namespace {

net::awaitable<void> look(std::shared_ptr<net::Generation> generation) {
  const config::Global& global = generation->config().global;
  Name ehlo = global.ehlo_name;
  std::vector<Address> sources = global.source_addresses;
  const std::vector<PolicyNote> notes =
      co_await probes::look_up_own_name(generation->resolver(), std::move(ehlo), std::move(sources));
  for (const PolicyNote& note : notes)
    log::event(log::Level::warn, "configuration_warning", {{"problem", note.sentence}});
}

}  // namespace

void warn_of_own_name(boost::asio::io_context& io, std::shared_ptr<net::Generation> generation) {
  boost::asio::co_spawn(io.get_executor(), look(std::move(generation)), [](const std::exception_ptr& bug) {
    if (bug) std::rethrow_exception(bug);
  });
}

}  // namespace mxhealth::daemon
