// From a record to sample lines. Pure: a table says which metrics a record has, its rows say how they read it.
// What a record does not know yields no line; a gauge with a made-up value would be worse than none.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/catalogue.hpp"
#include "metrics/writer.hpp"
#include "model/record.hpp"

namespace mxhealth::metrics {

/// The lines of one record, in the order of the catalogue.
class Lines {
 public:
  struct Sample {
    std::uint32_t family = 0;  // place in the catalogue
    std::uint32_t begin = 0;   // of its series in text
    std::uint32_t size = 0;
    bool continues = false;  // belongs to the histogram whose first line came before
    double value = 0;
  };

  void clear();
  void start(std::uint32_t family, std::string_view metric);  // what follows belongs to this metric
  void labels(std::initializer_list<Label> common);           // of every line until the next call

  void put(double value, std::initializer_list<Label> more = {}) { sample({}, more, value); }
  void put(const std::optional<bool>& value) { value ? put(*value ? 1 : 0) : void(); }
  void put(const std::optional<double>& value) { value ? put(*value) : void(); }
  void put(const std::optional<Wall>& value) { value ? put(unix_seconds(*value)) : void(); }
  void info(std::initializer_list<Label> more) { put(1, more); }
  void info(std::span<const std::pair<std::string, std::string>> more);
  void put(const CauseCounts& failures);
  void put(const Histogram& histogram, Label more = {});

  std::span<const Sample> samples() const { return samples_; }
  std::string_view series(const Sample& sample) const {
    return std::string_view(text_).substr(sample.begin, sample.size);
  }

 private:
  void sample(std::string_view suffix, std::initializer_list<Label> more, double value, bool continues = false);
  void open(std::string_view suffix);
  void append(const Label& label);
  void close(double value, bool continues);

  std::string text_;    // all series, one after the other: `mxhealth_name{a="b"}`
  std::string common_;  // rendered once for each record
  std::vector<Sample> samples_;
  std::string_view metric_;
  std::uint32_t family_ = 0;
  std::size_t begin_ = 0;
};

template <class Record>
struct Row {
  Metric metric;
  void (*lines)(const Record&, Lines&);
};

template <class Record>
struct Table {
  void (*labels)(const Record&, Lines&);  // those that all rows share
  std::span<const Row<Record>> rows;
};

Table<DomainRecord> domain_table();       // {domain, role}
Table<DomainRecord> set_table();          // {domain}: MX set, submission hosts
Table<DomainRecord> domain_info_table();  // {domain}, once for a domain whatever its roles
Table<ServerRecord> server_table();       // {server, port}
Table<AddressRecord> address_table();     // {server, port, address, family}
Table<ResolverRecord> resolver_table();   // {resolver}
Table<EgressRecord> egress_table();       // {port, family}
Table<ListingRecord> listing_table();     // {subject, list}
Table<SubjectRecord> subject_table();     // {subject}
Table<ListRecord> list_table();           // {list}
Table<PolicyRecord> policy_table();       // {domain}, policy where there is more than one
Table<PtrRecord> ptr_table();             // {address}

}  // namespace mxhealth::metrics
