#include "web/routes.hpp"

#include "metrics/writer.hpp"
#include "report/json_documents.hpp"
#include "web/page_cause.hpp"
#include "web/page_landing.hpp"
#include "web/page_target.hpp"
#include "web/probe_answer.hpp"
#include "web/site.hpp"
#include "web/style.hpp"

namespace mxhealth::web {
namespace {

constexpr std::chrono::seconds kProbeGrace{5};  // for a probing loop that is busy
constexpr long kComeAgain = 5;                  // seconds, for those for whom there is no place

Answer metrics_page(const Request& request, Site& site) {
  Answer made;
  const metrics::Sheet& sheet = site.mirror.sheet();
  made.content_type = metrics::content_type(request.format);
  made.pages = sheet.pages(request.format);
  std::string last = site.callbacks.own_metrics(request.format, sheet.series());
  last += metrics::end_of(request.format);
  made.pages.push_back(std::make_shared<const metrics::Page>(std::move(last)));
  made.vary = "Accept, Accept-Encoding";
  return made;
}

Answer healthy(const Request&, Site&) { return text_answer(200, "Healthy\n"); }

Answer ready(const Request&, Site& site) {
  if (site.draining) return text_answer(503, "Not ready: shutting down\n");
  if (!site.mirror.ready()) return text_answer(503, "Not ready: some targets have no result yet\n");
  return text_answer(200, "Ready\n");
}

Answer reload(const Request& request, Site& site) {
  if (request.cross_site) return text_answer(403, "a page of another site may not reload\n");
  if (site.draining) return text_answer(503, "shutting down\n");
  Answer made;
  made.place = site.reloads.take();
  if (!made.place) return come_again(503, "too many reloads at once\n", kComeAgain);
  made.later = [&site, place = made.place](std::function<void(Answer)> deliver) {
    site.callbacks.reload([place, deliver = std::move(deliver)](std::optional<std::string> error) {
      if (error && !error->ends_with('\n')) *error += '\n';
      deliver(error ? text_answer(500, *error) : text_answer(200, "Reloaded\n"));
    });
  };
  return made;
}

Answer probe(const Request& request, Site& site) {
  if (site.draining) return text_answer(503, "shutting down\n");
  watch::VisitWish wish{.target = std::string(request.param("target").value_or("")),
                        .module = std::string(request.param("module").value_or("")),
                        .patience = probe_patience(request.scrape_timeout)};
  const ProbeView view = request.param("debug") == "true" ? ProbeView::debug : ProbeView::metrics;
  Answer made;
  made.place = site.probes.take();
  if (!made.place) return come_again(503, "too many wait for a probe\n", kComeAgain);
  made.patience = std::chrono::ceil<std::chrono::milliseconds>(wish.patience) + kProbeGrace;
  made.later = [&site, view, wish = std::move(wish)](std::function<void(Answer)> deliver) {
    site.callbacks.probe(wish, [view, deliver = std::move(deliver)](const watch::VisitAnswer& shown) {
      deliver(probe_answer(shown, view));
    });
  };
  return made;
}

Wall now() { return std::chrono::system_clock::now(); }

/// What is true now only, so nobody is to keep it.
Answer document(std::string text, std::string content_type) {
  Answer made = text_answer(200, std::move(text), std::move(content_type));
  made.fields.emplace_back("Cache-Control", "no-store");
  return made;
}
Answer page(std::string html) { return document(std::move(html), "text/html; charset=utf-8"); }
Answer json(std::string text) { return document(std::move(text), "application/json"); }

Answer landing(const Request& request, Site& site) {
  const Filter filter{request.param("q").value_or(""), request.param("verdict").value_or("")};
  return page(landing_page(site, filter, now()));
}

std::optional<report::TargetView> target_of(const Request& request, const Site& site) {
  const auto name = Name::parse(request.rest);
  return name ? site.mirror.book().target(*name) : std::nullopt;
}

Answer target(const Request& request, Site& site) {
  const auto view = target_of(request, site);
  return view ? page(target_page(site, *view, now())) : text_answer(404, "404 no such target\n");
}

Answer cause(const Request& request, Site& site) {
  const auto found = cause_of_label(request.rest);
  return found ? page(cause_page(site, *found)) : text_answer(404, "404 no such cause\n");
}

Answer status_document(const Request&, Site& site) { return json(report::status_json(site.mirror.book(), now())); }

Answer target_document(const Request& request, Site& site) {
  const auto view = target_of(request, site);
  if (view) return json(report::target_json(*view, now()));
  return text_answer(404, "{\"error\":\"no such target\"}\n", "application/json");
}

Answer schema(const Request&, Site&) { return document(std::string(report::schema_json()), "application/schema+json"); }

Answer style(const Request&, Site&) {
  Answer made = text_answer(200, std::string(style_sheet()), "text/css; charset=utf-8");
  made.fields.emplace_back("Cache-Control", "max-age=3600");
  return made;
}

constexpr std::array kRoutes{
    Route{"GET", "/probe", probe},
    Route{"GET", "/-/healthy", healthy},
    Route{"GET", "/-/ready", ready},
    Route{"POST", "/-/reload", reload},
    Route{"GET", "/", landing},
    Route{"GET", "/style.css", style},
    Route{"GET", "/targets/*", target},
    Route{"GET", "/causes/*", cause},
    Route{"GET", "/api/v1/status", status_document},
    Route{"GET", "/api/v1/targets/*", target_document},
    Route{"GET", "/api/v1/schema", schema},
};

/// The telemetry path is the one that can be chosen, so it is looked up first and may hide another.
Found find_at(std::string_view path, const Site& site) {
  static constexpr Route kTelemetry{"GET", "(telemetry)", metrics_page};
  return path == site.telemetry ? Found{&kTelemetry, {}} : find(path, kRoutes);
}

Answer moved(std::string location) {
  Answer made = text_answer(302, "moved to " + location + "\n");
  made.fields.emplace_back("Location", std::move(location));
  return made;
}

/// What stands behind the prefix; nothing for a path outside of it.
std::optional<std::string_view> behind_prefix(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (!path.starts_with('/')) return std::nullopt;
  return path;
}

}  // namespace

Answer answer(const Request& request, Site& site) {
  const auto path = behind_prefix(request.path, site.prefix);
  if (!path && !site.prefix.empty() && (request.path == "/" || request.path == site.prefix)) {
    return moved(site.base + "/");
  }
  const auto [route, rest] = path ? find_at(*path, site) : Found{};
  if (route == nullptr) return text_answer(404, "404 page not found\n");
  if (request.method == route->method) {
    if (rest.empty()) return route->handler(request, site);
    auto readable = decoded(rest);
    if (!readable) return text_answer(400, "bad request\n");
    Request below = request;
    below.rest = std::move(*readable);
    return route->handler(below, site);
  }
  Answer refused = text_answer(405, "method not allowed\n");
  refused.fields.emplace_back("Allow", route->method == "GET" ? "GET, HEAD" : std::string(route->method));
  return refused;
}

Found find(std::string_view path, std::span<const Route> routes) {
  for (const Route& route : routes) {
    if (path == route.path) return {&route, {}};
    const std::string_view above = route.path.substr(0, route.path.size() - 1);
    if (route.path.ends_with("/*") && path.size() > above.size() && path.starts_with(above)) {
      return {&route, path.substr(above.size())};
    }
  }
  return {};
}

std::optional<std::string_view> Request::param(std::string_view name) const {
  for (const Parameter& one : query) {
    if (one.name == name) return one.value;
  }
  return std::nullopt;
}

Answer text_answer(unsigned status, std::string text, std::string content_type) {
  Answer made;
  made.status = status;
  made.content_type = std::move(content_type);
  made.pages.push_back(std::make_shared<const metrics::Page>(std::move(text)));
  return made;
}

Answer come_again(unsigned status, std::string text, long seconds) {
  Answer made = text_answer(status, std::move(text));
  made.fields.emplace_back("Retry-After", std::to_string(seconds));
  return made;
}

std::string_view reason(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 302: return "Found";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unknown";
  }
}

}  // namespace mxhealth::web
