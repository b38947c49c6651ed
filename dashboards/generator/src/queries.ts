// The PromQL that more than one panel needs. Every series is chosen by the dashboard's variables job and instance, and
// everything is seen across instances: with several vantage points a panel shows the worst that one of them knows.

/// `metric{…}`: the metric of the chosen jobs and instances; `matchers` is added as it is.
export function series(metric: string, matchers = ''): string {
  return `${metric}{job=~"$job", instance=~"$instance"${matchers && `, ${matchers}`}}`;
}

/// The growth of a counter between two points of a graph.
export function increase(counter: string, matchers = '', window = '$__rate_interval'): string {
  return `increase(${series(counter, matchers)}[${window}])`;
}

export function rate(counter: string, matchers = ''): string {
  return `rate(${series(counter, matchers)}[$__rate_interval])`;
}

/// The growth by some labels, of those series that grew at all in the time shown. (`> 0` would do, but leaves gaps that
/// stacked graphs draw slopes across.)
export function seen(by: string, counter: string, matchers = '', growth = increase): string {
  return `sum by (${by}) (${growth(counter, matchers)}) and sum by (${by}) (${increase(counter, matchers, '$__range')}) > 0`;
}

/// Verdicts as numbers, so that the largest is the worst that some vantage point knows for sure.
export const verdicts = [
  { name: 'undetermined', text: 'undetermined', color: 'purple' },
  { name: 'no_mail', text: 'no mail', color: 'light-blue' },
  { name: 'ok', text: 'ok', color: 'green' },
  { name: 'degraded', text: 'degraded', color: 'yellow' },
  { name: 'at_risk', text: 'at risk', color: 'orange' },
  { name: 'tempfail', text: 'tempfail', color: 'semi-dark-orange' },
  { name: 'rejecting', text: 'rejecting', color: 'light-red' },
  { name: 'unreachable', text: 'unreachable', color: 'dark-red' },
];

/// States of a subject on a list, likewise.
export const listStates = [
  { name: 'unhealthy', text: 'list broken', color: 'purple' },
  { name: 'refused', text: 'refused', color: 'light-purple' },
  { name: 'unknown', text: 'unknown', color: 'blue' },
  { name: 'clean', text: 'clean', color: 'green' },
  { name: 'listed', text: 'listed', color: 'red' },
];

/// What a server's TLSA records say of its certificates, likewise: from mismatch on senders with DANE do not deliver.
export const daneStates = [
  { name: 'none', text: 'no DANE', color: 'light-blue' },
  { name: 'secure_match', text: 'match', color: 'green' },
  { name: 'unusable', text: 'unusable', color: 'yellow' },
  { name: 'lookup_failed', text: 'lookup failed', color: 'orange' },
  { name: 'mismatch', text: 'mismatch', color: 'red' },
];

/// A published policy that receivers cannot use, or can.
export const brokenOrValid = [
  { text: 'broken', color: 'red' },
  { text: 'valid', color: 'green' },
];

/// A state set as one number per series: the index of the state that is 1.
function indexOfState(metric: string, label: string, states: { name: string }[], matchers: string): string {
  const terms = states.map(({ name }, index) => `${series(metric, `${matchers}${label}="${name}"`)} * ${index}`);
  return `sum without (${label}) (${terms.join(' or ')})`;
}

/// Per domain and role, by what `by` adds to it; `matchers` ends in a comma.
export function verdict(matchers: string, by = ''): string {
  return `max by (domain, role${by}) (${indexOfState('mxhealth_domain_verdict', 'verdict', verdicts, matchers)})`;
}

export function listState(condition: string): string {
  return `max by (subject, list) (${indexOfState('mxhealth_dnsbl_state', 'state', listStates, '')}${condition})`;
}

/// Per server and port.
export function daneState(matchers: string): string {
  return `max by (server, port) (${indexOfState('mxhealth_dane_state', 'state', daneStates, matchers)})`;
}

/// The same for each domain: the worst of its mail hosts.
export function daneOfDomains(matchers: string): string {
  const hosts = `max by (domain, server) (${series('mxhealth_mx_info', matchers)})`;
  return `max by (domain) (${hosts} * on (server) group_left () max by (server) (${daneState('')}))`;
}

/// Series of servers are kept per server, not per domain: this keeps those of the chosen domains' hosts.
export const ofChosenDomains =
  ' and on (job, instance, server) ' +
  `(${series('mxhealth_mx_info', 'domain=~"$domain"')} or ${series('mxhealth_submission_info', 'domain=~"$domain"')})`;

/// The subjects of blocklists that belong to the chosen domain: its name, and its servers' addresses.
export const subjectsOfDomain =
  ' and on (job, instance, subject) (' +
  `label_replace(${series('mxhealth_domain_info', 'domain=~"$domain"')}, "subject", "$1", "domain", "(.+)") or ` +
  `label_replace(${series('mxhealth_address_up', 'server=~"$server"')}, "subject", "$1", "address", "(.+)"))`;

/// One phase of sessions with the chosen servers, as a heatmap's buckets.
export function phaseBuckets(phase: string): string {
  return `sum by (le) (${increase('mxhealth_phase_duration_seconds_bucket', `server=~"$server", phase="${phase}"`)})`;
}

export function quantile(q: number, histogram: string, by = '', matchers = ''): string {
  return `histogram_quantile(${q}, sum by (le${by}) (${rate(`${histogram}_bucket`, matchers)}))`;
}
