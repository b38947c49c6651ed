#include "metrics/families.hpp"

#include <prometheus/metric_family.h>

#include <initializer_list>

namespace mxhealth::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::Counter: return "counter";
    case MetricType::Gauge: return "gauge";
    case MetricType::Histogram: return "histogram";
    case MetricType::Summary: return "summary";
    default: return "untyped";
  }
}

std::string_view unit_of(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit) && name.size() > unit.size() && name[name.size() - unit.size() - 1] == '_') return unit;
  }
  return {};
}

/// The lines of one family.
class Samples {
 public:
  Samples(std::string& out, const std::string& name) : out_(out), name_(name) {}

  void add(std::string_view suffix, const ClientMetric& metric, double value, const Label& more = {}) {
    out_.append(name_).append(suffix);
    const std::size_t begin = out_.size();
    for (const auto& label : metric.label) append({label.name, label.value}, begin);
    if (!more.name.empty()) append(more, begin);
    if (out_.size() > begin) out_ += '}';
    out_ += ' ';
    append_value(out_, value);
    out_ += '\n';
  }

  void add_histogram(const ClientMetric& metric) {
    for (const auto& bucket : metric.histogram.bucket) {
      std::string edge;
      append_edge(edge, bucket.upper_bound);
      add("_bucket", metric, static_cast<double>(bucket.cumulative_count), {"le", edge});
    }
    add("_sum", metric, metric.histogram.sample_sum);
    add("_count", metric, static_cast<double>(metric.histogram.sample_count));
  }

  void add_summary(const ClientMetric& metric) {
    for (const auto& quantile : metric.summary.quantile) {
      std::string part;
      append_edge(part, quantile.quantile);
      add({}, metric, quantile.value, {"quantile", part});
    }
    add("_sum", metric, metric.summary.sample_sum);
    add("_count", metric, static_cast<double>(metric.summary.sample_count));
  }

 private:
  void append(const Label& label, std::size_t begin) {
    out_ += out_.size() == begin ? '{' : ',';
    append_label(out_, label);
  }

  std::string& out_;
  const std::string& name_;
};

}  // namespace

std::string text_of(const std::vector<MetricFamily>& families, Format format) {
  std::string out;
  for (const MetricFamily& family : families) {
    if (family.metric.empty()) continue;
    out += header(family.name, type_name(family.type), family.help, unit_of(family.name), format);
    Samples samples(out, family.name);
    for (const ClientMetric& metric : family.metric) {
      switch (family.type) {
        case MetricType::Counter: samples.add({}, metric, metric.counter.value); break;
        case MetricType::Histogram: samples.add_histogram(metric); break;
        case MetricType::Summary: samples.add_summary(metric); break;
        case MetricType::Gauge: samples.add({}, metric, metric.gauge.value); break;
        default: samples.add({}, metric, metric.untyped.value); break;
      }
    }
  }
  return out;
}

}  // namespace mxhealth::metrics
