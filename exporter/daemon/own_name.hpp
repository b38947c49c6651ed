// A look at the name that we say in EHLO ourselves, once per configuration: mail servers hold it against the address we
// come from, and what they then refuse would look like their fault. Warns on the log, and changes nothing.
#pragma once

#include <memory>

namespace mxhealth::net {
class Generation;
}
namespace boost::asio {
class io_context;
}

namespace mxhealth::daemon {

void warn_of_own_name(boost::asio::io_context&, std::shared_ptr<net::Generation>);

}  // namespace mxhealth::daemon
