#include "metrics/writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace mxhealth::metrics {
namespace {

constexpr std::string_view kTotal = "_total";
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

std::string_view content_type(Format format) {
  return format == Format::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                       : "text/plain; version=0.0.4; charset=utf-8";
}

std::string_view end_of(Format format) { return format == Format::openmetrics ? "# EOF\n" : ""; }

std::string header(const Metric& metric, Format format) {
  return header(std::string(kPrefix).append(metric.name), type_name(metric.type), metric.help, metric.unit, format);
}

// OpenMetrics names a counter's family without the suffix of its samples, and escapes quotes.
std::string header(std::string_view name, std::string_view type, std::string_view help, std::string_view unit,
                   Format format) {
  const bool open = format == Format::openmetrics;
  if (open && type == "counter" && name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  if (open && type == "untyped") type = "unknown";
  std::string out;
  out.append("# HELP ").append(name).append(" ");
  append_escaped(out, help, open ? "\\\n\"" : "\\\n");
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  if (open && !unit.empty()) out.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
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

// OpenMetrics demands "1.0", Prometheus' own format takes it: with "1" there, one histogram would have two sets of
// series.
void append_edge(std::string& out, double edge) {
  append_value(out, edge);
  if (std::isfinite(edge) && std::trunc(edge) == edge) out += ".0";
}

}  // namespace mxhealth::metrics
