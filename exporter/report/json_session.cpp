#include "report/json_session.hpp"

#include "model/session_run.hpp"

namespace mxhealth::report {
namespace {

constexpr std::array<std::string_view, 3> kSpeakers{"we", "server", "note"};

void write_tls(Json& json, const std::optional<TlsFacts>& tls) {
  if (!tls) {
    json.null();
    return;
  }
  json.open_object().member("version", tls->version).member("cipher", tls->cipher).key("chain");
  if (!tls->chain) {
    json.null().close_object();
    return;
  }
  static constexpr std::array<std::string_view, 4> kVerdicts{"trusted", "untrusted", "expired", "not_yet_valid"};
  const ChainFacts& chain = *tls->chain;
  json.open_object()
      .member("verdict", kVerdicts[static_cast<std::size_t>(chain.verdict)])
      .member("self_signed", chain.self_signed)
      .member("certificates", unsigned{chain.length})
      .member("leaf_not_before", chain.leaf_not_before)
      .member("leaf_not_after", chain.leaf_not_after)
      .member("chain_not_after", chain.chain_not_after)
      .key("names")
      .open_array();
  for (const NameMatch& name : chain.names)
    json.open_object().member("name", name.name.view()).member("matches", name.matches).close_object();
  json.close_array().key("flaws").open_array();
  for (const Finding flaw : chain.flaws) json.value(label(flaw));
  json.close_array().close_object().close_object();
}

void write_session(Json& json, const KeptSession& session) {
  const SessionRun& run = *session.run;
  json.open_object().member("started", run.started).member("ended", session.ended);
  json.member("ended_in", label(run.ended_in)).key("cause");
  write_cause(json, session.cause);
  json.key("phases").open_array();
  for (std::size_t i = 0; i < kPhaseCount; ++i)
    if (run.phases[i].completed)
      json.open_object()
          .member("phase", kPhaseLabels[i])
          .member("seconds", seconds(run.phases[i].duration))
          .close_object();
  json.close_array().key("tls");
  write_tls(json, run.tls);
  json.key("transcript").open_array();
  for (const TranscriptLine& line : run.transcript.lines())
    json.open_object()
        .member("at_seconds", seconds(line.at))
        .member("speaker", kSpeakers[static_cast<std::size_t>(line.speaker)])
        .member("text", line.text)
        .close_object();
  json.close_array().close_object();
}

}  // namespace

void write_cause(Json& json, const std::optional<CauseFound>& cause) {
  if (!cause) {
    json.null();
    return;
  }
  json.open_object()
      .member("cause", label(cause->cause))
      .member("class", label(class_of(cause->cause)))
      .member("side", label(cause->side))
      .member("enhanced_status", cause->enhanced_status)
      .close_object();
}

void write_sessions(Json& json, const KeptSessions* kept) {
  if (kept == nullptr) {
    json.null();
    return;
  }
  json.open_object().key("latest").open_array();
  for (const KeptSession& session : kept->latest) write_session(json, session);
  json.close_array().key("failures").open_array();
  for (const FailureRow& row : kept->failures) {
    json.open_object().member("count", row.count).key("first");
    write_session(json, row.first);
    json.key("latest");
    write_session(json, row.latest);
    json.close_object();
  }
  json.close_array().close_object();
}

}  // namespace mxhealth::report
