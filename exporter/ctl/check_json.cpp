// The document that the exporter serves of a target, made from what a check showed.
#include <ostream>

#include "ctl/check_output.hpp"
#include "report/book.hpp"
#include "report/json_documents.hpp"

namespace mxhealth::ctl {

void print_json(const std::vector<Checked>& all, Wall now, std::ostream& out) {
  for (const Checked& one : all) {
    report::Book book;
    book.apply(one.result.feed);
    if (const auto target = book.target(one.result.target)) out << report::target_json(*target, now);
  }
}

}  // namespace mxhealth::ctl
