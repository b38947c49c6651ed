// The records of one target, found where a report about it looks for them. Pure; borrows nothing.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "model/record.hpp"

namespace mxhealth::report {

class OneTarget {
 public:
  explicit OneTarget(std::vector<Record> records) : records_(std::move(records)) {}

  std::vector<const DomainRecord*> roles() const { return all<DomainRecord>(); }
  std::vector<const ServerRecord*> servers() const { return all<ServerRecord>(); }
  std::vector<const AddressRecord*> addresses() const { return all<AddressRecord>(); }
  std::vector<const PolicyRecord*> policies() const { return all<PolicyRecord>(); }
  const ServerRecord* server(const ServerKey& key) const;
  std::vector<const AddressRecord*> addresses_of(const ServerKey& key) const;

 private:
  template <class R>
  std::vector<const R*> all() const {
    std::vector<const R*> found;
    for (const Record& record : records_)
      if (const auto* one = std::get_if<std::shared_ptr<const R>>(&record)) found.push_back(one->get());
    return found;
  }

  std::vector<Record> records_;
};

}  // namespace mxhealth::report
