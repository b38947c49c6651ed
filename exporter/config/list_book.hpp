// The list book (dnsbl/lists.yaml): public lists by their alias, and the zones that are dead. Facts only; what of it is
// asked says the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"
#include "dnsbl/list.hpp"

namespace mxhealth::config {

struct BookEntry {
  dnsbl::List list;
  bool is_default = false;  // asked where a configuration says `default`, or nothing
};

/// A zone that is gone, or that answers for everybody.
struct DeadZone {
  Name zone;
  std::string date;  // "2024-06-05", "2015", "by 2026-11-22"
  std::string reason;
};

struct ListBook {
  std::vector<BookEntry> entries;  // in the order of the file
  std::vector<DeadZone> dead_zones;

  const BookEntry* find(std::string_view alias) const;
  std::vector<std::string_view> aliases() const;
  std::vector<dnsbl::List> defaults() const;
  const DeadZone* dead(const Name& zone) const;  // it, or a zone above it

  /// The one that these programs were built with.
  static const ListBook& built_in();
};

struct BookRead {
  ListBook book;
  std::vector<Problem> problems;
};
BookRead parse_list_book(std::string_view text, std::string file_name);

/// Whether `name` is `zone` or lies below it.
bool is_within(const Name& name, const Name& zone);

}  // namespace mxhealth::config
