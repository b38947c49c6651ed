#include "config/secret_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/small_file.hpp"

namespace mxhealth::config {
namespace {

constexpr std::size_t kLineEnd = 2;  // CR LF

}  // namespace

std::optional<Secret> read_secret_file(const Field& field, const std::filesystem::path& file) {
  auto read = read_small_file(file, kMaxSecret + kLineEnd);
  const auto reject = [&](std::string why) {
    field.fault(std::move(why));  // without what was written: somebody may have put the secret itself there
    return std::nullopt;
  };
  if (const auto* unreadable = std::get_if<Unreadable>(&read)) return reject(unreadable->why);
  auto& line = std::get<std::string>(read);
  if (line.ends_with('\n')) line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (line.empty()) return reject("the file is empty");
  if (line.find('\n') != std::string::npos) return reject("the file has more than one line");
  if (line.size() > kMaxSecret) return reject(fmt::format("the file has more than {} octets", kMaxSecret));
  if (std::ranges::any_of(line, is_control)) return reject("the file holds a control character");
  return Secret(std::move(line));
}

}  // namespace mxhealth::config
