// All domains at a glance: what is broken, why, whose side it is on, and whether our own eyes are open.
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { assembled, bars, choices, frame, graph, list, timeline, toDomain, value } from './panels.js';
import { brokenOrValid, daneOfDomains, daneStates, increase, ofChosenDomains, series, verdict, verdicts } from './queries.js';

const ofDomain = 'domain=~"$domain"';
const ofSubject = 'subject=~"$subject"';
const worst = verdict(`${ofDomain}, `);
const day = 86400;

const worstFirst = [...verdicts].reverse();

const now = [
  coloured(
    {
      title: 'Domains by verdict',
      description:
        'How many domains and roles have each verdict. A domain of which vantage points think differently counts under each verdict given.',
      unit: 'none',
      width: 16,
      height: 5,
    },
    worstFirst.map(({ name, text }) => [
      `sum(max by (domain, role) (${series('mxhealth_domain_verdict', `${ofDomain}, verdict="${name}"`)}))`,
      text,
    ]),
  ),
  timeline(
    {
      title: 'Our own side',
      description:
        'While one of these is down it is we who cannot see: egress of a port and family, our resolver, a scrape. Nothing is said about domains from there.',
      unit: 'none',
      width: 8,
      height: 5,
    },
    [
      [`min by (port, family) (${series('mxhealth_egress_up')})`, 'egress {{port}} {{family}}'],
      [`min by (instance) (${series('mxhealth_resolver_up')})`, 'resolver of {{instance}}'],
      [`min by (instance) (up{job=~"$job", instance=~"$instance"})`, 'scrape of {{instance}}'],
    ],
  ),
  timeline(
    { title: 'Receiving (role mx)', description: 'The verdict on each domain, the worst that a vantage point knows. Click one for its own dashboard.', unit: 'none', width: 12, height: 11 },
    [[verdict(`${ofDomain}, role="mx", `), '{{domain}}']],
    verdicts,
  ).dataLinks([toDomain('__field.labels.domain')]),
  list(
    {
      title: 'Not ok, and why',
      description:
        'The dominant cause of each domain that is not ok, whose side it is on, and how many of its servers answer. Runbook of a cause: runbooks/causes/<cause>.md.',
      width: 12,
      height: 11,
    },
    [
      `max by (domain, role, cause, enhanced_status, side) (${series('mxhealth_domain_cause_info', ofDomain)})`,
      `${worst} and on (domain, role) ${series('mxhealth_domain_cause_info', ofDomain)}`,
      `min by (domain, role) (${series('mxhealth_domain_servers_up', ofDomain)}) and on (domain, role) ${series('mxhealth_domain_cause_info', ofDomain)}`,
      `max by (domain, role) (${series('mxhealth_domain_servers', ofDomain)}) and on (domain, role) ${series('mxhealth_domain_cause_info', ofDomain)}`,
    ],
    [
      { value: 'Value #B', name: 'verdict', states: verdicts },
      { value: 'Value #C', name: 'up' },
      { value: 'Value #D', name: 'servers' },
      { value: 'enhanced_status', name: 'status' },
    ],
    { hidden: ['Value #A'], sort: 'domain', order: ['domain', 'role', 'Value #B', 'cause', 'side', 'enhanced_status', 'Value #C', 'Value #D'] },
  ).overrideByName('domain', [{ id: 'links', value: [toDomain('__data.fields.domain').build()] }]),
];

/// Each verdict in its colour, and grey while nobody has it.
function coloured(...about: Parameters<typeof value>) {
  const panel = value(...about).colorMode(common.BigValueColorMode.Background);
  for (const { text, color } of worstFirst) {
    const steps = [{ value: null, color: 'text' }, { value: 1, color }];
    panel.overrideByName(text, [{ id: 'thresholds', value: { mode: 'absolute', steps } }]);
  }
  return panel;
}

const senders = [
  list(
    {
      title: 'What senders do now',
      description:
        'What Postfix (and Exim, if global.sender_models names it) would do with mail for the domain right now, and the status it would log. Delivered mail is left out.',
      width: 12,
    },
    [`max by (domain, role, sender, outcome, enhanced_status) (${series('mxhealth_domain_delivery_info', `${ofDomain}, outcome!="deliver"`)})`],
    [{ value: 'enhanced_status', name: 'status' }],
    { hidden: ['Value'], sort: 'domain', order: ['domain', 'role', 'sender', 'outcome', 'enhanced_status'] },
  ),
  bars(
    {
      title: 'Probability of deferral',
      description:
        'How likely a sender, which tries hosts of equal preference in random order, has to defer. Between 0 and 1 the domain is at risk: only some senders complain.',
      unit: 'percentunit',
      width: 6,
    },
    [`max by (domain) (${series('mxhealth_domain_deferral_probability', ofDomain)}) > 0`, '{{domain}}'],
  ).max(1),
  bars(
    { title: 'Top causes, last hour', description: 'Failed probes of the last hour by cause, of the mail hosts of the chosen domains.', unit: 'short', width: 6 },
    [
      `topk(8, sum by (cause) (${increase('mxhealth_endpoint_failures_total', '', '1h')}${ofChosenDomains}) > 0)`,
      '{{cause}}',
    ],
  ),
];

const alerts = [
  list(
    { title: 'Firing alerts', description: 'Alerts of dashboards/prometheus/rules that fire now; the watchdog, which always does, is left out.', width: 15 },
    ['max by (alertname, severity, domain, server, subject, role) (ALERTS{alertname=~"MXHealth.+", alertname!="MXHealthWatchdog", alertstate="firing"})'],
    [],
    { hidden: ['Value'], sort: 'alertname', order: ['alertname', 'severity', 'domain', 'server', 'subject', 'role'] },
  ),
  list(
    {
      title: 'Availability, 30 days',
      description:
        'Share of cycles in which the domain was not unreachable, averaged over vantage points, and how much of the error budget for the chosen objective is left. Cycles we could not judge count on neither side.',
      width: 9,
    },
    [
      `1 - ${badRatio()}`,
      `1 - ${badRatio()} / (1 - $objective / 100)`,
    ],
    [
      { value: 'Value #A', name: 'availability', unit: 'percentunit' },
      { value: 'Value #B', name: 'budget left', unit: 'percentunit', colors: [[null, 'red'], [0, 'orange'], [0.25, 'green']] },
    ],
    { sort: 'budget left', order: ['domain', 'role', 'Value #A', 'Value #B'] },
  ).decimals(2),
];

function badRatio(): string {
  const grown = (counter: string) => `sum by (domain, role) (${increase(counter, ofDomain, '30d')})`;
  return `${grown('mxhealth_domain_unreachable_cycles_total')} / (${grown('mxhealth_domain_cycles_total')} > 0)`;
}

const submission = [
  timeline(
    { title: 'Submission (role submission)', description: 'The verdict on what the domain\'s own users send through.', unit: 'none', width: 12, height: 6 },
    [[verdict(`${ofDomain}, role="submission", `), '{{domain}}']],
    verdicts,
  ).dataLinks([toDomain('__field.labels.domain')]),
  timeline(
    { title: 'Submission hosts and logins', description: 'Each submission host and port, and whether the configured login (module with auth) is accepted there.', unit: 'none', width: 12, height: 6 },
    [
      [
        `max by (server, port) (${series('mxhealth_endpoint_up')} and on (job, instance, server, port) ${series('mxhealth_submission_info', ofDomain)})`,
        '{{server}}:{{port}}',
      ],
      [`min by (server, port) (${series('mxhealth_submission_auth_success')}${ofChosenDomains})`, 'login {{server}}:{{port}}'],
    ],
  ),
];

const tls = [
  list(
    {
      title: 'Certificates by expiry',
      description:
        'Time until the first certificate of a host ends, the smallest of its addresses. Kept as last seen while the host is down or its certificate is bad.',
      width: 8,
    },
    [`sort(min by (server, port) (${series('mxhealth_tls_cert_not_after_timestamp_seconds')}${ofChosenDomains}) - time())`],
    [{ value: 'Value', name: 'ends in', unit: 's', colors: [[null, 'red'], [7 * day, 'orange'], [21 * day, 'green']] }],
    { sort: 'ends in', order: ['server', 'port', 'Value'] },
  ),
  list(
    { title: 'STARTTLS', description: 'Hosts where STARTTLS is not offered by every address, or a handshake fails. Port 465 needs no offer.', width: 8 },
    [
      `min by (server, port) (${series('mxhealth_starttls_advertised')}${ofChosenDomains}) == 0`,
      `min by (server, port) (${series('mxhealth_tls_handshake_success')}${ofChosenDomains}) == 0`,
    ],
    [
      { value: 'Value #A', name: 'offered', states: [{ text: 'no', color: 'orange' }] },
      { value: 'Value #B', name: 'handshake', states: [{ text: 'fails', color: 'red' }] },
    ],
    { sort: 'server', order: ['server', 'port', 'Value #A', 'Value #B'] },
  ),
  list(
    { title: 'Findings', description: 'What is odd about hosts although mail flows: AUTH before TLS, slow replies, a masked STARTTLS.', width: 8 },
    [`max by (server, port, finding) (${series('mxhealth_endpoint_finding')}${ofChosenDomains})`],
    [],
    { hidden: ['Value'], sort: 'server', order: ['server', 'port', 'finding'] },
  ),
];

/// What a column of policies is called.
const policyColumns = [
  ['spf', 'SPF'],
  ['dkim', 'DKIM'],
  ['dmarc', 'DMARC'],
  ['mta_sts', 'MTA-STS'],
  ['tls_rpt', 'TLS-RPT'],
] as const;
const column = (index: number) => `Value #${String.fromCharCode('A'.charCodeAt(0) + index)}`;

const policies = [
  list(
    {
      title: 'Policies',
      description:
        'What each domain publishes about its mail, and whether others can use it; empty: not published. DANE is the worst of its mail hosts. Ours: own: true in the configuration.',
      width: 15,
    },
    [
      ...policyColumns.map(([policy]) => `min by (domain) (${series('mxhealth_policy_valid', `${ofDomain}, policy="${policy}"`)})`),
      daneOfDomains(ofDomain),
      `max by (domain) (${series('mxhealth_domain_own', ofDomain)})`,
    ],
    [
      ...policyColumns.map(([, name], index) => ({ value: column(index), name, states: brokenOrValid })),
      { value: column(policyColumns.length), name: 'DANE', states: daneStates },
      { value: column(policyColumns.length + 1), name: 'ours', states: [{ text: '', color: 'text' }, { text: 'yes', color: 'text' }] },
    ],
    { sort: 'domain', order: ['domain', column(policyColumns.length + 1), ...policyColumns.map((_, index) => column(index)), column(policyColumns.length)] },
  ).overrideByName('domain', [{ id: 'links', value: [toDomain('__data.fields.domain').build()] }]),
  list(
    {
      title: 'Reverse DNS that does not lead back',
      description:
        'Addresses without a name in reverse DNS, or with one that does not have the address (FCrDNS). Of source configured: sends for us; own: a host of ours; target: of others.',
      width: 9,
    },
    [
      `max by (address, source) (${series('mxhealth_ptr_subject_info')}) and on (address) min by (address) (${series('mxhealth_ptr_valid')}) == 0`,
    ],
    [],
    { hidden: ['Value'], sort: 'source', order: ['address', 'source'] },
  ),
];

const lists = [
  list(
    {
      title: 'Listings',
      description:
        'Who is on which blocklist, with the code the list answered and the weight of the listing. Of source configured: ours, may page; target: a mail host of a target.',
      width: 12,
    },
    [
      `max by (subject, list, code) (${series('mxhealth_dnsbl_code_info', ofSubject)})`,
      `max by (subject, list) (${series('mxhealth_dnsbl_listing_weight', ofSubject)} and ${series('mxhealth_dnsbl_listed', ofSubject)} == 1)`,
      `max by (subject, source) (${series('mxhealth_dnsbl_subject_info', ofSubject)}) and on (subject) ${series('mxhealth_dnsbl_listed', ofSubject)} == 1`,
    ],
    [{ value: 'Value #B', name: 'weight', colors: [[null, 'green'], [0.01, 'orange'], [1, 'red']] }],
    { hidden: ['Value #A', 'Value #C'], sort: 'subject', order: ['subject', 'source', 'list', 'code', 'Value #B'] },
  ),
  graph(
    { title: 'Subjects by state', description: 'Pairs of a subject and a blocklist by what is known; unknown, refused and unhealthy say nothing about the subject.', unit: 'short', width: 6 },
    [[`sum by (state) (max by (subject, list, state) (${series('mxhealth_dnsbl_state', ofSubject)}))`, '{{state}}']],
    { stacked: true },
  ),
  timeline(
    { title: 'Can the lists be believed?', description: 'Whether the test points of a list say what they must (RFC 5782). A list that fails is not believed in anything.', unit: 'none', width: 6 },
    [[`min by (list) (${series('mxhealth_dnsbl_list_healthy')})`, '{{list}}']],
    [
      { text: 'not believed', color: 'red' },
      { text: 'healthy', color: 'green' },
    ],
  ),
];

const vantages = [
  graph(
    { title: 'Domains not reachable, by vantage point', description: 'Each exporter\'s own view. One that differs from the others has a problem on its own path.', unit: 'short', width: 12 },
    [[`count by (vantage, instance) (${series('mxhealth_domain_reachable', ofDomain)} == 0)`, '{{vantage}} {{instance}}']],
  ),
  list(
    { title: 'Vantage points disagree', description: 'Domains that some vantage points find reachable and others do not.', width: 12 },
    [
      `sum by (domain, role) (${series('mxhealth_domain_reachable', ofDomain)}) and ${disagreement()}`,
      `count by (domain, role) (${series('mxhealth_domain_reachable', ofDomain)}) and ${disagreement()}`,
    ],
    [
      { value: 'Value #A', name: 'reachable from' },
      { value: 'Value #B', name: 'of' },
    ],
    { sort: 'domain', order: ['domain', 'role', 'Value #A', 'Value #B'] },
  ),
];

function disagreement(): string {
  const reachable = series('mxhealth_domain_reachable', ofDomain);
  return `(max by (domain, role) (${reachable}) != min by (domain, role) (${reachable}))`;
}

export function overview() {
  const made = frame('mxhealth-overview', 'Mail health: overview', 'Can the world deliver mail to our domains; if not, why, and whose side is it on?')
    .withVariable(choices('domain', 'Domain', 'mxhealth_domain_info{job=~"$job", instance=~"$instance"}'))
    .withVariable(choices('subject', 'Subject of lists', 'mxhealth_dnsbl_subject_info{job=~"$job", instance=~"$instance"}'))
    .withVariable(
      new dashboard.CustomVariableBuilder('objective')
        .label('Objective, %')
        .description('The availability promised, for the budget that is left')
        .values('99,99.5,99.9,99.95')
        .current({ selected: true, text: '99.5', value: '99.5' })
        .options(['99', '99.5', '99.9', '99.95'].map((text) => ({ selected: text === '99.5', text, value: text }))),
    );
  return assembled(made, [
    ['Now', now],
    ['Senders', senders],
    ['Alerts and objective', alerts],
    ['Submission', submission],
    ['TLS', tls],
    ['Policies', policies],
    ['Blocklists', lists],
    ['Vantage points', vantages],
  ]);
}
