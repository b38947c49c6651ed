// Reads what kustomize printed and holds each object against the typed schema of its kind, then what no schema knows:
// names that must meet, numbers that must agree, walls that must stand.
//   node manifests.mjs FILE RULES      exit 1 and one line for each fault; RULES: the directory of the rules.
// It lies beside node_modules, where kubernetes_test.sh copies it.
import fs from 'node:fs';
import yaml from 'js-yaml';

const faults = [];
const expect = (holds, sentence) => holds || faults.push(sentence);

function module_of(apiVersion) {
  const home = apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  return `${home}/${apiVersion}`;
}

async function hold_against_schema(object) {
  const { kind, apiVersion, metadata } = object;
  try {
    const models = await import(module_of(apiVersion));
    new models[kind](object).validate();
  } catch (error) {
    faults.push(`${kind} ${metadata?.name}: ${error.message}`);
  }
}

const contains = (labels, selector) => Object.entries(selector).every(([name, value]) => labels?.[name] === value);
const of_kind = (objects, kind) => objects.filter((object) => object.kind === kind);

function check_shards(set) {
  const [container] = set.spec.template.spec.containers;
  const value = (name) => container.env.find((one) => one.name === name);
  expect(String(set.spec.replicas) === value('SHARDS')?.value, 'SHARDS is not the number of replicas');
  expect(value('SHARD')?.valueFrom?.fieldRef?.fieldPath === 'metadata.name', 'SHARD is not the name of the pod');
  expect(container.args.includes('--shard.index=$(SHARD)'), 'no --shard.index');
  expect(container.args.includes('--shard.count=$(SHARDS)'), 'no --shard.count');
}

function check_walls(set, policies) {
  const pod = set.spec.template.spec;
  const [container] = pod.containers;
  expect(pod.securityContext.runAsNonRoot && pod.securityContext.runAsUser > 0, 'the pod may run as root');
  expect(container.securityContext.readOnlyRootFilesystem, 'the root file system can be written');
  expect(container.securityContext.allowPrivilegeEscalation === false, 'privileges can grow');
  expect(container.securityContext.capabilities.drop.includes('ALL'), 'capabilities are kept');
  expect(pod.automountServiceAccountToken === false, 'the pod holds a token of the cluster');
  const out = policies.flatMap((policy) => policy.spec.egress.flatMap((rule) => rule.ports.map((port) => `${port.protocol} ${port.port}`)));
  expect(out.sort().join() === 'TCP 25,TCP 465,TCP 53,TCP 587,UDP 53', `egress is ${out}`);
}

function check_names(objects, set) {
  const labels = set.spec.template.metadata.labels;
  const configs = of_kind(objects, 'ConfigMap').map((map) => map.metadata.name);
  for (const volume of set.spec.template.spec.volumes)
    expect(configs.includes(volume.configMap.name), `no ConfigMap ${volume.configMap.name}`);
  expect(contains(labels, set.spec.selector.matchLabels), 'the StatefulSet does not select its pods');
  for (const service of of_kind(objects, 'Service')) {
    expect(contains(labels, service.spec.selector), 'the Service selects no pod');
    expect(service.metadata.name === set.spec.serviceName, 'the StatefulSet names another Service');
    for (const monitor of of_kind(objects, 'ServiceMonitor'))
      expect(contains(service.metadata.labels, monitor.spec.selector.matchLabels), 'the ServiceMonitor selects no Service');
  }
  const doors = of_kind(objects, 'Service').flatMap(({ metadata, spec }) => spec.ports.map(({ port }) => `${metadata.name}:${port}`));
  for (const probe of of_kind(objects, 'Probe')) expect(doors.includes(probe.spec.prober.url), 'the Probe asks no Service of ours');
  for (const policy of of_kind(objects, 'NetworkPolicy'))
    expect(contains(labels, policy.spec.podSelector.matchLabels), 'the NetworkPolicy selects no pod');
  for (const budget of of_kind(objects, 'PodDisruptionBudget'))
    expect(contains(labels, budget.spec.selector.matchLabels), 'the PodDisruptionBudget selects no pod');
}

// What the operator reads must be what Prometheus reads from the files.
function check_rules(rules, directory) {
  const files = fs.readdirSync(directory).filter((file) => file.endsWith('.yml'));
  expect(rules.length === files.length, `${rules.length} PrometheusRules, ${files.length} files of rules`);
  for (const file of files) {
    const { groups } = yaml.load(fs.readFileSync(`${directory}/${file}`, 'utf8'));
    const same = (rule) => JSON.stringify(in_order(rule.spec.groups)) === JSON.stringify(in_order(groups));
    expect(rules.some(same), `no PrometheusRule says what ${file} says`);
  }
}

function in_order(value) {
  if (Array.isArray(value)) return value.map(in_order);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).sort().map(([name, inner]) => [name, in_order(inner)]));
}

const objects = yaml.loadAll(fs.readFileSync(process.argv[2], 'utf8'));
for (const object of objects) await hold_against_schema(object);
const counts = {};
for (const { kind } of objects) counts[kind] = (counts[kind] ?? 0) + 1;
console.log(Object.entries(counts).map(([kind, count]) => `${kind} ${count}`).join(', '));
for (const kind of ['StatefulSet', 'Service', 'ServiceMonitor', 'PrometheusRule', 'NetworkPolicy', 'PodDisruptionBudget', 'ConfigMap'])
  expect(counts[kind] > 0, `no ${kind}`);
const [set] = of_kind(objects, 'StatefulSet');
check_shards(set);
check_walls(set, of_kind(objects, 'NetworkPolicy'));
check_names(objects, set);
check_rules(of_kind(objects, 'PrometheusRule'), process.argv[3]);
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
