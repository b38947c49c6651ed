#include "metrics/catalogue.hpp"

#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

template <class Record>
void append(std::vector<Metric>& all, const Table<Record>& table) {
  for (const Row<Record>& row : table.rows) all.push_back(row.metric);
}

}  // namespace

// In the order in which the sheet numbers its families.
std::vector<Metric> catalogue() {
  std::vector<Metric> all;
  append(all, domain_table());
  append(all, set_table());
  append(all, domain_info_table());
  append(all, server_table());
  append(all, address_table());
  append(all, resolver_table());
  append(all, egress_table());
  append(all, listing_table());
  append(all, subject_table());
  append(all, list_table());
  append(all, policy_table());
  append(all, ptr_table());
  return all;
}

}  // namespace mxhealth::metrics
