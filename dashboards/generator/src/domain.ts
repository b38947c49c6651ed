// One domain, down to each address of its servers: for whoever was paged and wants to know more.
import { assembled, choices, frame, graph, heat, list, someOf, timeline, value } from './panels.js';
import { brokenOrValid, daneState, daneStates, increase, listState, listStates, phaseBuckets, quantile, rate, seen, series, subjectsOfDomain, verdict, verdicts } from './queries.js';

const ofDomain = 'domain=~"$domain"';
const ofServer = 'server=~"$server"';
const day = 86400;

const verdictNow = [
  value(
    { title: 'Verdict', description: 'The worst verdict that a vantage point knows, by role.', unit: 'none', width: 6 },
    [[verdict(`${ofDomain}, `), '{{domain}} {{role}}']],
    verdicts.map(({ color }, index) => [index || null, color] as [number | null, string]),
    verdicts,
  ),
  value(
    {
      title: 'Probability of deferral',
      description: 'How likely a sender that picks among hosts of equal preference at random has to defer.',
      unit: 'percentunit',
      width: 3,
    },
    [[`max(${series('mxhealth_domain_deferral_probability', ofDomain)})`, '']],
    [[null, 'green'], [0.001, 'orange'], [1, 'red']],
  ),
  value(
    {
      title: 'Last reachable',
      description: 'Time since some vantage point last found the domain reachable.',
      unit: 's',
      width: 3,
    },
    [[`time() - max(${series('mxhealth_domain_last_success_timestamp_seconds', ofDomain)})`, '']],
    [[null, 'green'], [300, 'orange'], [900, 'red']],
  ),
  list(
    {
      title: 'Cause',
      description: 'Why the domain is not ok, whose side it is on, and the status that senders log. Runbook: runbooks/causes/<cause>.md.',
      width: 6,
      height: 5,
    },
    [`max by (role, cause, side, enhanced_status) (${series('mxhealth_domain_cause_info', ofDomain)})`],
    [{ value: 'enhanced_status', name: 'status' }],
    { hidden: ['Value'], order: ['role', 'cause', 'side', 'enhanced_status'] },
  ),
  list(
    { title: 'Forecast', description: 'What a sender that tries right now would do, and log.', width: 6, height: 5 },
    [`max by (role, sender, outcome, enhanced_status) (${series('mxhealth_domain_delivery_info', ofDomain)})`],
    [{ value: 'enhanced_status', name: 'status' }],
    { hidden: ['Value'], order: ['role', 'sender', 'outcome', 'enhanced_status'] },
  ),
  timeline(
    {
      title: 'Verdict from each vantage point',
      description: 'What each exporter says. Where one differs, compare from there before touching the mail server.',
      unit: 'none',
      width: 24,
      height: 5,
    },
    [[verdict(`${ofDomain}, `, ', vantage, instance'), '{{domain}} {{role}} {{vantage}} {{instance}}']],
    verdicts,
  ),
];

const servers = [
  list(
    {
      title: 'Mail hosts and their addresses',
      description: 'The domain\'s MX set, each address of it, and why it is not up.',
      width: 12,
      height: 9,
    },
    [
      `min by (server, port, address, family) (${series('mxhealth_address_up', ofServer)})` +
        ` * on (server) group_left (preference) topk by (server) (1, max by (server, preference) (${series('mxhealth_mx_info', ofDomain)}))`,
      `max by (server, port, address, family, cause, side) (${series('mxhealth_address_cause_info', ofServer)})` +
        ` and on (server) ${series('mxhealth_mx_info', ofDomain)}`,
    ],
    [{ value: 'Value #A', name: 'state', states: [{ text: 'down', color: 'red' }, { text: 'up', color: 'green' }] }],
    { hidden: ['Value #B', 'family'], sort: 'preference', order: ['preference', 'server', 'address', 'port', 'Value #A', 'cause', 'side'] },
  ),
  timeline(
    { title: 'Servers', description: 'Up while some address of the server answers EHLO with 250 on that port, at every vantage point.', unit: 'none', width: 12, height: 9 },
    [[`min by (server, port) (${series('mxhealth_endpoint_up', ofServer)})`, '{{server}}:{{port}}']],
  ),
  timeline(
    { title: 'Addresses', description: 'Every address by itself: a dead one behind a living name delays some senders only.', unit: 'none', width: 12 },
    [[`min by (server, port, address) (${series('mxhealth_address_up', ofServer)})`, '{{server}} {{address}}:{{port}}']],
  ),
  graph(
    { title: 'Failed probes by cause', description: 'Probes of the chosen servers that failed between two points of the graph, by cause.', unit: 'short', width: 12 },
    [[seen('cause', 'mxhealth_endpoint_failures_total', ofServer), '{{cause}}']],
    { stacked: true },
  ),
];

const latency = [
  heat({ title: 'Connect', description: 'Time until TCP connections stand. Bands at 1, 3 and 7 s are lost SYN packets.', unit: 's', width: 8 }, phaseBuckets('connect')),
  heat({ title: 'Banner', description: 'Time from connection to the end of the greeting: load, DNS lookups and greet delays of the server.', unit: 's', width: 8 }, phaseBuckets('banner')),
  heat({ title: 'TLS handshake', description: 'Time that the handshake takes, after STARTTLS or on port 465.', unit: 's', width: 8 }, phaseBuckets('tls')),
  graph(
    { title: 'Greeting: p50, p90, p99', description: 'Quantiles of the time to the complete greeting, over the chosen servers.', unit: 's', width: 12 },
    [0.5, 0.9, 0.99].map((q) => [quantile(q, 'mxhealth_phase_duration_seconds', '', `${ofServer}, phase="banner"`), `p${q * 100}`]),
  ),
  graph(
    { title: 'Phases of a session', description: 'Mean duration of each completed phase, stacked: where a session spends its time.', unit: 's', width: 12 },
    [
      [
        `sum by (phase) (${rate('mxhealth_phase_duration_seconds_sum', ofServer)})` +
          ` / sum by (phase) (${rate('mxhealth_phase_duration_seconds_count', ofServer)})`,
        '{{phase}}',
      ],
    ],
    { stacked: true },
  ),
];

const dialogue = [
  graph(
    { title: 'Replies', description: 'Replies of the servers by phase, code and enhanced status.', unit: 'short', width: 12 },
    [[seen('phase, code, enhanced_status', 'mxhealth_replies_total', ofServer), '{{phase}} {{code}} {{enhanced_status}}']],
    { stacked: true },
  ),
  list(
    { title: 'Findings', description: 'What is odd about a server although mail flows.', width: 6 },
    [`max by (server, port, finding) (${series('mxhealth_endpoint_finding', ofServer)})`],
    [],
    { hidden: ['Value'], sort: 'server', order: ['server', 'port', 'finding'] },
  ),
  timeline(
    { title: 'Logins', description: 'Whether the configured login is accepted (modules with auth).', unit: 'none', width: 6 },
    [[`min by (server, port) (${series('mxhealth_submission_auth_success', ofServer)})`, '{{server}}:{{port}}']],
    [{ text: 'refused', color: 'red' }, { text: 'accepted', color: 'green' }],
  ),
];

const tls = [
  list(
    { title: 'TLS and certificates', description: 'Negotiated version and cipher, and when the certificate and its chain end.', width: 14 },
    [
      `max by (server, port, version, cipher) (${series('mxhealth_tls_info', ofServer)})`,
      `min by (server, port) (${series('mxhealth_tls_cert_not_after_timestamp_seconds', ofServer)}) - time()`,
      `min by (server, port) (${series('mxhealth_tls_chain_not_after_timestamp_seconds', ofServer)}) - time()`,
    ],
    [
      { value: 'Value #B', name: 'certificate', unit: 's', colors: [[null, 'red'], [7 * day, 'orange'], [21 * day, 'green']] },
      { value: 'Value #C', name: 'chain', unit: 's', colors: [[null, 'red'], [7 * day, 'orange'], [21 * day, 'green']] },
    ],
    { hidden: ['Value #A'], sort: 'server', order: ['server', 'port', 'version', 'cipher', 'Value #B', 'Value #C'] },
  ),
  timeline(
    { title: 'Offered, negotiated, valid', description: 'STARTTLS offered by every address, the last handshake, and each check of the certificate.', unit: 'none', width: 10 },
    [
      [`min by (server, port) (${series('mxhealth_starttls_advertised', ofServer)})`, 'offered {{server}}:{{port}}'],
      [`min by (server, port) (${series('mxhealth_tls_handshake_success', ofServer)})`, 'handshake {{server}}:{{port}}'],
      [`min by (server, port, check) (${series('mxhealth_tls_verify_success', ofServer)})`, '{{check}} {{server}}:{{port}}'],
    ],
    [{ text: 'no', color: 'red' }, { text: 'yes', color: 'green' }],
  ),
  timeline(
    {
      title: 'DANE',
      description: 'Each server\'s certificates against its TLSA records (port 25 of mail hosts). With a mismatch or a failed lookup, senders with DANE do not deliver.',
      unit: 'none',
      width: 14,
      height: 6,
    },
    [[daneState(`${ofServer}, `), '{{server}}:{{port}}']],
    daneStates,
  ),
  timeline(
    { title: 'One certificate on all addresses', description: 'Whether every address of a server serves the same certificate. If not, a roll-out may have stopped half-way.', unit: 'none', width: 10, height: 6 },
    [[`1 - max by (server, port) (${series('mxhealth_tls_cert_mismatch', ofServer)})`, '{{server}}:{{port}}']],
    [{ text: 'no', color: 'orange' }, { text: 'yes', color: 'green' }],
  ),
];

const policies = [
  list(
    {
      title: 'Policies',
      description: 'What the domain publishes about its mail: what it asks for, whether receivers can use it, how old the last look is. Empty: not published. What is wrong is said by the exporter\'s status page and by mxhealthctl check.',
      width: 9,
    },
    [
      `max by (policy, mode) (${series('mxhealth_policy_info', ofDomain)})`,
      `min by (policy) (${series('mxhealth_policy_valid', ofDomain)})`,
      `time() - max by (policy) (${series('mxhealth_policy_last_check_timestamp_seconds', ofDomain)})`,
    ],
    [
      { value: 'Value #B', name: 'state', states: brokenOrValid },
      { value: 'Value #C', name: 'looked at', unit: 's', colors: [[null, 'green'], [2 * day, 'orange']] },
    ],
    { hidden: ['Value #A'], sort: 'policy', order: ['policy', 'mode', 'Value #B', 'Value #C'] },
  ),
  timeline(
    { title: 'Valid policies', description: 'Each published policy over time; what ends was taken back.', unit: 'none', width: 9 },
    [[`min by (policy) (${series('mxhealth_policy_valid', ofDomain)})`, '{{policy}}']],
    brokenOrValid,
  ),
  value(
    { title: 'SPF lookups', description: 'Lookups that the SPF record costs through all its includes; beyond 10 receivers give up (RFC 7208).', unit: 'none', width: 3, height: 8 },
    [[`max(${series('mxhealth_spf_dns_lookups', ofDomain)})`, '']],
    [[null, 'green'], [9, 'orange'], [11, 'red']],
  ),
  value(
    { title: 'MTA-STS host certificate', description: 'Time until the certificate of the host that serves the MTA-STS policy ends, as last seen.', unit: 's', width: 3, height: 8 },
    [[`min(${series('mxhealth_mta_sts_policy_host_cert_not_after_timestamp_seconds', ofDomain)}) - time()`, '']],
    [[null, 'red'], [2 * day, 'orange'], [7 * day, 'green']],
  ),
  timeline(
    { title: 'Reverse DNS', description: 'Whether each address of the servers has a name in reverse DNS that leads back to it (FCrDNS).', unit: 'none', width: 12, height: 6 },
    [[`min by (address) (${series('mxhealth_ptr_valid')} and on (job, instance, address) ${series('mxhealth_address_up', ofServer)})`, '{{address}}']],
    [{ text: 'no', color: 'orange' }, { text: 'yes', color: 'green' }],
  ),
  graph(
    { title: 'Changes of policies', description: 'How often what the domain publishes changed.', unit: 'short', width: 12, height: 6 },
    [[`max by (policy) (${increase('mxhealth_policy_changes_total', ofDomain)})`, '{{policy}}']],
  ),
];

const dns = [
  timeline(
    { title: 'MX set', description: 'As configured (expect.mx), fresh from DNS, and vouched for by DNSSEC (to have none is no fault).', unit: 'none', width: 8 },
    [
      [`min(${series('mxhealth_mx_set_matches_expected', ofDomain)})`, 'as expected'],
      [`1 - max(${series('mxhealth_mx_set_held', ofDomain)})`, 'fresh'],
      [`min(${series('mxhealth_mx_lookup_authenticated', ofDomain)})`, 'DNSSEC'],
    ],
    [{ text: 'no', color: 'orange' }, { text: 'yes', color: 'green' }],
  ),
  graph(
    { title: 'Failed MX lookups', description: 'Lookups of the MX set that failed, by cause.', unit: 'short', width: 8 },
    [[seen('cause', 'mxhealth_mx_lookup_failures_total', ofDomain), '{{cause}}']],
    { stacked: true },
  ),
  graph(
    { title: 'Changes of the MX set', description: 'How often the set of mail hosts changed.', unit: 'short', width: 8 },
    [[`max(${increase('mxhealth_mx_set_changes_total', ofDomain)})`, 'changes']],
  ),
];

const lists = [
  timeline(
    {
      title: 'Blocklists',
      description: 'What each list says of the domain\'s name and of the addresses of its servers. Purple and blue say nothing about the subject.',
      unit: 'none',
      width: 16,
    },
    [[listState(subjectsOfDomain), '{{list}} {{subject}}']],
    listStates,
  ),
  list(
    { title: 'Codes', description: 'The codes that lists answer with, while the subject is listed.', width: 8 },
    [`max by (subject, list, code) (${series('mxhealth_dnsbl_code_info')}${subjectsOfDomain})`],
    [],
    { hidden: ['Value'], sort: 'list', order: ['list', 'subject', 'code'] },
  ),
];

export function domain() {
  const made = frame('mxhealth-domain', 'Mail health: one domain', 'One domain: verdict, cause, every server and address, latency, TLS, policies, DNS and blocklists.')
    .withVariable(choices('domain', 'Domain', 'mxhealth_domain_info{job=~"$job", instance=~"$instance"}'))
    .withVariable(
      someOf('server', 'Server', '{__name__=~"mxhealth_(mx|submission)_info", job=~"$job", instance=~"$instance", domain=~"$domain"}'),
    );
  return assembled(made, [
    ['$domain', verdictNow],
    ['Servers', servers],
    ['Latency', latency],
    ['Dialogue', dialogue],
    ['TLS and certificates', tls],
    ['Policies', policies],
    ['DNS', dns],
    ['Blocklists', lists],
  ]);
}
