#include "web/page_lists.hpp"

#include <algorithm>

#include "web/html.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

// Operators write this address, so it may be anything; only what a browser can open becomes a link.
std::string linked(const std::string& url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return escaped(url);
  return "<a href=\"" + escaped(url) + "\" rel=\"noreferrer\">delisting</a>";
}

void append_listing(std::string& html, const ListingRecord& listing, const report::Book& book) {
  const bool configured = book.source(listing.key.subject) == SubjectSource::configured;
  html.append("<tr><td>").append(escaped(to_string(listing.key.subject)));
  if (!configured) html += " <span class=\"quiet\">of a target</span>";
  html.append("</td><td class=\"").append(configured && listing.weight > 0 ? "unreachable" : "quiet").append("\">");
  html.append(escaped(listing.key.list)).append("</td><td>").append(escaped(joined(listing.meanings)));
  html.append(" <span class=\"quiet\">").append(escaped(joined(listing.codes))).append("</span></td><td>");
  html.append(escaped(listing.reason)).append("</td><td>").append(linked(listing.delisting)).append("</td></tr>\n");
}

void append_listings(std::string& html, const std::vector<const ListingRecord*>& listings, const report::Book& book) {
  if (listings.empty()) {
    html += "<p>Nobody is listed, as far as the lists answer.</p>\n";
    return;
  }
  html.append("<table><caption>").append(std::to_string(listings.size())).append(" listed, the heaviest first");
  if (listings.size() > kMaxListingRows) html.append("; only the first ").append(std::to_string(kMaxListingRows));
  html +=
      "</caption>\n<thead><tr><th>Who</th><th>List</th><th>Meaning</th><th>Reason</th><th></th></tr></"
      "thead>\n<tbody>\n";
  for (std::size_t i = 0; i < listings.size() && i < kMaxListingRows; ++i) append_listing(html, *listings[i], book);
  html += "</tbody></table>\n";
}

}  // namespace

std::string lists_section(const Site& site) {
  const auto lists = site.mirror.book().lists();
  if (lists.empty()) return {};
  std::string html = "<h2>Blocklists</h2>\n";
  append_listings(html, site.mirror.book().listings(), site.mirror.book());
  const auto not_believed = [](const ListRecord* list) { return list->healthy == false; };
  if (std::ranges::none_of(lists, not_believed)) return html;
  html += "<p>Not believed just now:</p>\n<ul>\n";
  for (const ListRecord* list : lists)
    if (not_believed(list))
      html.append("<li>").append(escaped(list->key.list)).append(": ").append(escaped(list->ailment)).append("</li>\n");
  html += "</ul>\n";
  return html;
}

}  // namespace mxhealth::web
