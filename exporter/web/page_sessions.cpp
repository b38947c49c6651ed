#include "web/page_sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/session_run.hpp"
#include "web/html.hpp"

namespace mxhealth::web {
namespace {

using report::KeptSession;

// Who speaks is said by a mark and, for those who cannot see it, by a word.
constexpr std::array<std::string_view, 3> kMarks{"&gt;", "&lt;", "*"};
constexpr std::array<std::string_view, 3> kSpeakers{"we", "server", "note"};

std::string transcript(const SessionRun& run) {
  std::string html = "<ol class=\"log\">\n";
  for (const TranscriptLine& line : run.transcript.lines()) {
    const auto speaker = static_cast<std::size_t>(line.speaker);
    html += fmt::format(
        "<li class=\"by-{}\"><span class=\"at\">{:.3f} s</span><abbr title=\"{}\">{}</abbr><span>{}</span></li>\n",
        kSpeakers[speaker], seconds(line.at), kSpeakers[speaker], kMarks[speaker], escaped(line.text));
  }
  return html + "</ol>\n";
}

std::string outcome(const KeptSession& session) {
  if (!session.cause) return "<span class=\"good\">went well</span>";
  return fmt::format("<span class=\"bad\">{}</span>", label(session.cause->cause));
}

void append(std::string& html, const KeptSession& session, std::string_view what, Wall now) {
  html += fmt::format("<details><summary>{}{}, {}</summary>\n{}</details>\n", what, outcome(session),
                      time_element(session.run->started, now), transcript(*session.run));
}

}  // namespace

std::string sessions_section(const report::KeptSessions& kept, Wall now) {
  std::string html;
  const auto is_shown = [&](const KeptSession& one) {
    return std::ranges::any_of(kept.latest, [&](const KeptSession& other) { return other.run == one.run; });
  };
  html += "<h5>Last sessions</h5>\n";
  for (auto session = kept.latest.rbegin(); session != kept.latest.rend(); ++session) append(html, *session, "", now);
  std::string failures;
  for (auto row = kept.failures.rbegin(); row != kept.failures.rend(); ++row) {
    if (row->count > 1)
      failures += fmt::format("<p class=\"quiet\">{} times <code>{}</code> in a row</p>\n", row->count,
                              label(row->first.cause->cause));
    if (!is_shown(row->first)) append(failures, row->first, row->count > 1 ? "first: " : "", now);
    if (row->count > 1 && !is_shown(row->latest)) append(failures, row->latest, "latest: ", now);
  }
  if (!failures.empty()) html += "<h5>Failures kept</h5>\n" + failures;
  return html;
}

std::string certificate_of(const report::KeptSessions& kept, Wall now) {
  const auto with_chain = std::ranges::find_if(kept.latest.rbegin(), kept.latest.rend(), [](const KeptSession& one) {
    return one.run->tls && one.run->tls->chain;
  });
  if (with_chain == kept.latest.rend()) return {};
  static constexpr std::array<std::string_view, 4> kVerdicts{"trusted", "not trusted", "expired", "not yet valid"};
  const ChainFacts& chain = *with_chain->run->tls->chain;
  std::string names;
  for (const NameMatch& name : chain.names)
    names += fmt::format("{}{} <span class=\"{}\">{}</span>", names.empty() ? "" : ", ", escaped(name.name.view()),
                         name.matches ? "good" : "bad", name.matches ? "matches" : "does not match");
  std::string html = "<dl class=\"facts\">";
  html += fmt::format("<dt>Chain</dt><dd><span class=\"{}\">{}</span>, {} {} served{}</dd>",
                      chain.verdict == ChainVerdict::trusted ? "good" : "bad",
                      kVerdicts[static_cast<std::size_t>(chain.verdict)], chain.length,
                      chain.length == 1 ? "certificate" : "certificates", chain.self_signed ? ", self-signed" : "");
  html += fmt::format("<dt>Valid from</dt><dd>{}</dd>", time_element(chain.leaf_not_before, now));
  html += fmt::format("<dt>Valid until</dt><dd>{}</dd>", time_element(chain.leaf_not_after, now));
  if (chain.chain_not_after != chain.leaf_not_after)
    html += fmt::format("<dt>Chain until</dt><dd>{}</dd>", time_element(chain.chain_not_after, now));
  if (!names.empty()) html += fmt::format("<dt>Names</dt><dd>{}</dd>", names);
  return html + "</dl>\n";
}

}  // namespace mxhealth::web
