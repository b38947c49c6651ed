// A value that must not be shown: there is no output operator, and no conversion; whoever needs the text says `reveal`.
#pragma once

#include <string>
#include <utility>

namespace mxhealth {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

}  // namespace mxhealth
