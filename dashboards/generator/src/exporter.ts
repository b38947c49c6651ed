// The exporter itself: does it probe on time, can it see, and what does it cost?
import { assembled, choices, frame, graph, heat, list, timeline, value } from './panels.js';
import { increase, quantile, rate, seen, series } from './queries.js';

const ofList = 'list=~"$list"';

const state = [
  list(
    { title: 'Instances', description: 'Version and revision of each exporter, how long it has been up, and which shard of how many it is (from 0).', width: 9, height: 6 },
    [
      `max by (instance, version, revision) (${series('mxhealth_build_info')})`,
      `time() - max by (instance) (${series('process_start_time_seconds')})`,
      `max by (instance) (${series('mxhealth_shard_ordinal')})`,
      `max by (instance) (${series('mxhealth_shards')})`,
    ],
    [
      { value: 'Value #B', name: 'up for', unit: 's' },
      { value: 'Value #C', name: 'shard' },
      { value: 'Value #D', name: 'of' },
    ],
    { hidden: ['Value #A'], sort: 'instance', order: ['instance', 'version', 'revision', 'Value #B', 'Value #C', 'Value #D'] },
  ),
  timeline(
    { title: 'Configuration', description: 'Whether the last reload was accepted; after a refused one the old configuration stays in use.', unit: 'none', width: 5, height: 6 },
    [[`min by (instance) (${series('mxhealth_config_last_reload_successful')})`, '{{instance}}']],
    [{ text: 'refused', color: 'red' }, { text: 'accepted', color: 'green' }],
  ),
  value(
    { title: 'Targets', description: 'Configured and discovered things that are probed, by kind, summed over shards and vantage points.', unit: 'short', width: 4, height: 6 },
    [[`sum by (kind) (${series('mxhealth_targets')})`, '{{kind}}']],
  ),
  value(
    { title: 'Stale cycles', description: 'Domains whose last cycle is older than three of their intervals. Anything but 0: probing stalls.', unit: 'short', width: 3, height: 6 },
    [
      [
        `count((time() - ${series('mxhealth_domain_last_cycle_timestamp_seconds')}) > 3 * ${series('mxhealth_domain_probe_interval_seconds')}) or vector(0)`,
        '',
      ],
    ],
    [[null, 'green'], [1, 'red']],
  ),
  value(
    { title: 'Slots in use', description: 'Probes under way as a share of how many may be (limits.in_flight, lowered to what RLIMIT_NOFILE leaves).', unit: 'percentunit', width: 3, height: 6 },
    [[`max(${series('mxhealth_probes_in_flight')} / ${series('mxhealth_probes_in_flight_limit')})`, '']],
    [[null, 'green'], [0.7, 'orange'], [0.9, 'red']],
  ),
];

const probing = [
  graph(
    { title: 'Probes', description: 'Probes of addresses per second, and those that failed.', unit: 'ops', width: 8 },
    [
      [`sum by (instance) (${rate('mxhealth_endpoint_probes_total')})`, 'all {{instance}}'],
      [`sum by (instance) (${rate('mxhealth_endpoint_failures_total')})`, 'failed {{instance}}'],
    ],
  ),
  graph(
    { title: 'Probes under way', description: 'Sessions open now, and those that wait for a slot.', unit: 'short', width: 8 },
    [
      [`sum by (instance) (${series('mxhealth_probes_in_flight')})`, 'under way {{instance}}'],
      [`sum by (instance) (${series('mxhealth_scheduler_queue_length')})`, 'waiting {{instance}}'],
    ],
  ),
  graph(
    { title: 'Missed cycles', description: 'Probes left out because the one before was not begun or not over. Should stay at 0.', unit: 'short', width: 8 },
    [[`sum by (instance) (${increase('mxhealth_scheduler_missed_cycles_total')})`, '{{instance}}']],
  ),
  heat(
    { title: 'Lag of the scheduler', description: 'Time from the instant a probe was due to the one it began.', unit: 's', width: 12 },
    `sum by (le) (${increase('mxhealth_scheduler_lag_seconds_bucket')})`,
  ),
  graph(
    { title: 'Duration of probes, p90', description: 'From begin to end of a probe: of an MX walk (mx) and of a session (smtp).', unit: 's', width: 12 },
    [[quantile(0.9, 'mxhealth_cycle_duration_seconds', ', prober, instance'), '{{prober}} {{instance}}']],
  ),
];

const network = [
  timeline(
    { title: 'Egress and resolver', description: 'Whether this prober can open connections at all, and whether its resolver answers and does not make up addresses.', unit: 'none', width: 12 },
    [
      [`min by (instance, port, family) (${series('mxhealth_egress_up')})`, 'egress {{port}} {{family}} {{instance}}'],
      [`min by (instance) (${series('mxhealth_resolver_up')})`, 'resolver {{instance}}'],
      [`1 - max by (instance) (${series('mxhealth_resolver_rewrites')})`, 'honest resolver {{instance}}'],
    ],
  ),
  graph(
    { title: 'Canaries', description: 'Canaries with an address, and those that accepted the last connection. Fewer than two never show that egress is down.', unit: 'short', width: 12 },
    [
      [`sum by (instance, port) (${series('mxhealth_egress_canaries_up')})`, 'up {{port}} {{instance}}'],
      [`sum by (instance, port) (${series('mxhealth_egress_canaries')})`, 'all {{port}} {{instance}}'],
    ],
  ),
  graph(
    { title: 'DNS questions', description: 'Questions per second to each resolver.', unit: 'ops', width: 8 },
    [[`sum by (instance, resolver) (${rate('mxhealth_resolver_lookups_total')})`, '{{resolver}} {{instance}}']],
  ),
  graph(
    { title: 'DNS failures', description: 'Questions that a resolver did not answer, by cause. That a name does not exist is an answer.', unit: 'ops', width: 8 },
    [[seen('resolver, cause', 'mxhealth_resolver_lookup_failures_total', '', rate), '{{cause}} {{resolver}}']],
    { stacked: true },
  ),
  graph(
    { title: 'DNS answers, p50 and p99', description: 'Time to the resolver\'s answer.', unit: 's', width: 8 },
    [0.5, 0.99].map((q) => [quantile(q, 'mxhealth_resolver_lookup_duration_seconds', ', resolver'), `p${q * 100} {{resolver}}`]),
  ),
];

const lists = [
  timeline(
    { title: 'Blocklists', description: 'Whether the test points of each list say what they must (RFC 5782). A list that fails is not believed.', unit: 'none', width: 8 },
    [[`min by (list) (${series('mxhealth_dnsbl_list_healthy', ofList)})`, '{{list}}']],
    [{ text: 'not believed', color: 'red' }, { text: 'healthy', color: 'green' }],
  ),
  graph(
    { title: 'Lookups on lists', description: 'Lookups per second by list: public lists have quotas.', unit: 'ops', width: 8 },
    [[`sum by (list) (${rate('mxhealth_dnsbl_lookups_total', ofList)})`, '{{list}}']],
  ),
  graph(
    { title: 'Lookups that taught nothing', description: 'By list and cause; refused_by_list: a public resolver in between, or the quota is spent.', unit: 'ops', width: 8 },
    [[seen('list, cause', 'mxhealth_dnsbl_lookup_failures_total', ofList, rate), '{{list}} {{cause}}']],
    { stacked: true },
  ),
  list(
    { title: 'Lists', description: 'The weight that the operator gives to each list, and how long ago it last answered anything.', width: 12, height: 7 },
    [
      `max by (list) (${series('mxhealth_dnsbl_list_weight', ofList)})`,
      `time() - max by (list) (${series('mxhealth_dnsbl_last_check_timestamp_seconds', ofList)})`,
    ],
    [
      { value: 'Value #A', name: 'weight' },
      { value: 'Value #B', name: 'last answer ago', unit: 's' },
    ],
    { sort: 'list', order: ['list', 'Value #A', 'Value #B'] },
  ),
  list(
    { title: 'Allow-lists', description: 'Who is vouched for on allow-lists, and how far it is trusted: 0 none, 1 low, 2 medium, 3 high.', width: 12, height: 7 },
    [
      `max by (subject, list) (${series('mxhealth_allowlist_listed', ofList)})`,
      `max by (subject, list) (${series('mxhealth_allowlist_trust', ofList)})`,
    ],
    [
      { value: 'Value #A', name: 'vouched for', states: [{ text: 'no', color: 'text' }, { text: 'yes', color: 'green' }] },
      { value: 'Value #B', name: 'trust' },
    ],
    { sort: 'subject', order: ['subject', 'list', 'Value #A', 'Value #B'] },
  ),
];

const cost = [
  graph(
    { title: 'Series', description: 'Series about targets in the exposition, and samples that Prometheus took.', unit: 'short', width: 8 },
    [
      [`max by (instance) (${series('mxhealth_exposition_series')})`, 'series {{instance}}'],
      [`max by (instance) (scrape_samples_scraped{job=~"$job", instance=~"$instance"})`, 'samples {{instance}}'],
    ],
  ),
  graph(
    { title: 'Series dropped', description: 'Series left out because a cap was reached, by cap. Should stay at 0.', unit: 'short', width: 8 },
    [[`sum by (instance, limit) (${increase('mxhealth_series_dropped_total')})`, '{{limit}} {{instance}}']],
  ),
  graph(
    { title: 'Scrape', description: 'How long Prometheus needs for a scrape.', unit: 's', width: 8 },
    [[`max by (instance) (scrape_duration_seconds{job=~"$job", instance=~"$instance"})`, '{{instance}}']],
  ),
  graph(
    { title: 'CPU', description: 'Processor time used per second.', unit: 'percentunit', width: 6 },
    [[`sum by (instance) (${rate('process_cpu_seconds_total')})`, '{{instance}}']],
  ),
  graph(
    { title: 'Memory', description: 'Resident memory.', unit: 'bytes', width: 6 },
    [[`max by (instance) (${series('process_resident_memory_bytes')})`, '{{instance}}']],
  ),
  graph(
    { title: 'File descriptors', description: 'Share of the permitted file descriptors in use.', unit: 'percentunit', width: 6 },
    [[`max by (instance) (${series('process_open_fds')} / ${series('process_max_fds')})`, '{{instance}}']],
  ),
  graph(
    { title: 'Log lines', description: 'Lines written by level, and lines that nobody took from stderr.', unit: 'short', width: 6 },
    [
      [`sum by (level) (${increase('mxhealth_log_messages_total')})`, '{{level}}'],
      [`sum(${increase('mxhealth_log_messages_dropped_total')})`, 'dropped'],
    ],
  ),
];

export function exporter() {
  const made = frame('mxhealth-exporter', 'Mail health: exporter', 'The exporter itself: is it on time, can it see, what does it cost?').withVariable(
    choices('list', 'List', 'mxhealth_dnsbl_list_healthy{job=~"$job", instance=~"$instance"}'),
  );
  return assembled(made, [
    ['State', state],
    ['Probing', probing],
    ['Network and DNS', network],
    ['Blocklists', lists],
    ['Cost', cost],
  ]);
}
