#include "metrics/writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace mxhealth::metrics {
namespace {

constexpr double kExactIntegers = 9007199254740992.0;  // 2^53: below it doubles count one by one

std::string_view type_name(Type type) {
  switch (type) {
    case Type::gauge: return "gauge";
    case Type::counter: return "counter";
    case Type::histogram: return "histogram";
  }
  return "untyped";
}

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
  for (const char c : text) {
    if (special.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += '\\';
      out += c == '\n' ? 'n' : c;
    }
  }
}

}  // namespace

std::string header(const Metric& metric) {
  std::string out;
  out.append("# HELP ").append(kPrefix).append(metric.name).append(" ");
  append_escaped(out, metric.help, "\\\n");
  out.append("\n# TYPE ").append(kPrefix).append(metric.name).append(" ").append(type_name(metric.type)).append("\n");
  return out;
}

void append_label(std::string& out, const Label& label) {
  out.append(label.name).append("=\"");
  append_escaped(out, label.value, "\\\"\n");
  out += '"';
}

// Whole numbers are written out: 1700000000, where the shortest form would be 1.7e+09.
void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::array<char, 32> buffer;
  char* const last = buffer.data() + buffer.size();
  const bool whole = std::fabs(value) < kExactIntegers && std::trunc(value) == value;
  const auto written = whole ? std::to_chars(buffer.data(), last, static_cast<std::int64_t>(value))
                             : std::to_chars(buffer.data(), last, value);
  out.append(buffer.data(), written.ptr);
}

}  // namespace mxhealth::metrics
