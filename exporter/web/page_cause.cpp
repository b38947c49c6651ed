#include "web/page_cause.hpp"

#include <fmt/format.h>

#include "report/runbook.hpp"
#include "web/html.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

/// Escaped, with what stands between backticks as code.
std::string prose(std::string_view text) {
  std::string html;
  for (bool code = false; !text.empty(); code = !code) {
    const std::size_t end = std::min(text.find('`'), text.size());
    const std::string part = escaped(text.substr(0, end));
    html += code ? "<code>" + part + "</code>" : part;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return html;
}

void append(std::string& html, std::string_view heading, const std::vector<std::string>& paragraphs) {
  if (paragraphs.empty()) return;
  html += fmt::format("<h2>{}</h2>\n", heading);
  for (const std::string& one : paragraphs) html += "<p>" + prose(one) + "</p>\n";
}

}  // namespace

std::string cause_page(const Site& site, Cause cause) {
  const CauseRow& facts = row(cause);
  const report::CausePage page = report::cause_page(cause);
  std::string html = page_begin(site, facts.label);
  html += fmt::format("<h1><code>{}</code></h1>\n<p class=\"said\">{}</p>\n", facts.label, escaped(facts.sentence));
  html += fmt::format(
      "<dl class=\"facts\"><dt>Class</dt><dd>{}</dd><dt>Status</dt><dd>{}</dd><dt>Side</dt><dd>{}</dd></dl>\n",
      label(facts.cause_class), facts.enhanced_status, label(facts.side));
  if (!page.sender_sees.empty()) append(html, "What a sender sees", {page.sender_sees});
  std::vector<std::string> checks;
  for (const std::string_view check : facts.first_checks)
    if (!check.empty()) checks.emplace_back(check);
  append(html, "Look first", checks);
  append(html, "Whose side", page.whose_side);
  append(html, "Mend it", page.mend);
  html += fmt::format("<p class=\"quiet\">From {}; a terminal says the same: <code>mxhealthctl explain {}</code></p>\n",
                      escaped(page.file), facts.label);
  return html + page_end(site);
}

}  // namespace mxhealth::web
