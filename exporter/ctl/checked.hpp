// What one target's check showed, found where reports look for it; and what that makes of the exit code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/record.hpp"
#include "watch/visit.hpp"

namespace mxhealth::ctl {

class Checked {
 public:
  explicit Checked(watch::VisitResult result) : result_(std::move(result)) {}

  const watch::VisitResult& result() const { return result_; }
  std::vector<const DomainRecord*> roles() const { return all<DomainRecord>(); }
  const ServerRecord* server(const ServerKey&) const;
  std::vector<const AddressRecord*> addresses(const ServerKey&) const;
  int exit_code() const;

 private:
  template <class R>
  std::vector<const R*> all() const {
    std::vector<const R*> found;
    for (const Record& record : result_.records)
      if (const auto* one = std::get_if<std::shared_ptr<const R>>(&record)) found.push_back(one->get());
    return found;
  }

  watch::VisitResult result_;
};

int exit_code(Verdict);
/// The worst of several: 2 before 3 before 1 before 0.
int worst(int one, int other);
int exit_code(const std::vector<Checked>&);

}  // namespace mxhealth::ctl
