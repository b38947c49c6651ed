#include "lab/control.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/asio/read_until.hpp>

#include <cerrno>
#include <iostream>
#include <istream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace mxhealth::lab {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

Service service_of(const std::string& word) {
  for (const auto& [name, service] : kServices)
    if (word == name) return service;
  refuse("no service is called " + word);
}

void play(World& world, const std::vector<std::string>& words) {
  if (words.size() != 4) refuse("play HOST SERVICE BEHAVIOUR");
  MailHost* const host = world.host(words[1], service_of(words[2]));
  if (host == nullptr) refuse(words[1] + " serves no " + words[2]);
  const BehaviourPtr behaviour = behaviour_book().find(words[3]);
  if (!behaviour) refuse("no behaviour is called " + words[3]);
  host->play(behaviour);
}

void answer(World& world, const std::vector<std::string>& words) {
  if (words.size() < 4) refuse("dns NAME TYPE WORD, or dns NAME TYPE FIELD...");
  const std::uint16_t type = type_of(words[2]);
  Answer said;
  const bool is_word =
      words.size() == 4 && words[3].find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
  if (is_word) {
    said.manner = parse_manner(words[3]);
  } else {
    std::vector<std::string> fields;
    for (std::size_t i = 3; i < words.size(); ++i) fields.push_back(world.fill_in(words[i], world.scenarios().front()));
    said.data.push_back(wire_data(type, fields));
  }
  world.dns().set(words[1], type, said);
}

// Opened for writing too: else every writer that leaves would be its end.
int open_pipe(const std::filesystem::path& pipe) {
  if (::mkfifo(pipe.c_str(), 0600) != 0 && errno != EEXIST)
    throw boost::system::system_error(errno, boost::system::system_category(), pipe.string());
  const int descriptor = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) throw boost::system::system_error(errno, boost::system::system_category(), pipe.string());
  return descriptor;
}

}  // namespace

void obey(World& world, const std::string& order) {
  std::istringstream line(order);
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  if (words.empty()) return;
  if (words[0] == "play") return play(world, words);
  if (words[0] == "dns") return answer(world, words);
  if (words[0] != "resolver" || words.size() != 2) refuse("play, dns or resolver, and what belongs to it");
  world.resolver().set_mood(parse_mood(words[1]));
}

Control::Control(asio::io_context& io, World& world, const std::filesystem::path& pipe)
    : world_(world), pipe_(io, open_pipe(pipe)) {
  read_next();
}

void Control::read_next() {
  asio::async_read_until(pipe_, read_, '\n', [this](const Error& error, std::size_t) {
    if (error == asio::error::not_found) {
      std::cerr << "mxhealth_lab: an order without an end\n";
      read_.consume(read_.size());
    } else if (error) {
      return;
    } else {
      std::istream stream(&read_);
      std::string order;
      std::getline(stream, order);
      try {
        obey(world_, order);
      } catch (const std::exception& wrong) {
        std::cerr << "mxhealth_lab: '" << order << "': " << wrong.what() << '\n';
      }
    }
    read_next();
  });
}

}  // namespace mxhealth::lab
