// Reads what people paste: "441", "421 4.4.1", a line of a mail log, a whole bounce. Pure, and bounded: what is longer
// is cut. Finds the reply code, the enhanced status, the host and address, known words, and who says it. Hostile text
// is fine; what is kept of it is a number, a Name, an Address or a row of a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/address.hpp"
#include "model/name.hpp"
#include "report/phrases.hpp"

namespace mxhealth::report {

inline constexpr std::size_t kMaxLogText = 65536;  // octets that are read

struct LogLine {
  std::uint16_t code = 0;  ///< 0: none
  std::string status{};    ///< "4.4.1"; empty: none
  std::optional<Name> host{};
  std::optional<Address> address{};
  std::vector<const Phrase*> phrases{};
  Sayer sayer = Sayer::unknown;

  bool empty() const { return code == 0 && status.empty() && phrases.empty(); }
};

LogLine read_log_line(std::string_view text);

}  // namespace mxhealth::report
