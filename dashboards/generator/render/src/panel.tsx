// One panel: its queries, Grafana's transformations and field options, and the component that draws it.
import {
  DataFrame, Field, FieldColorModeId, FieldType, GrafanaTheme2, LoadingState, getDisplayProcessor, getFieldDisplayName,
  standardTransformers, standardTransformersRegistry, transformDataFrame,
} from '@grafana/data';
import { BarGauge, BarGaugeDisplayMode, BigValue, BigValueColorMode, BigValueGraphMode, BigValueTextMode, PanelChrome, Table, TimeSeries } from '@grafana/ui';
import React from 'react';
import { firstValueFrom } from 'rxjs';
import { Heatmap, Timeline } from './bands';
import { View, frameOfEachSeries, tableFrame, timeRangeOf } from './prometheus';

const { mergeTransformer, organizeFieldsTransformer, orderFieldsTransformer, renameFieldsTransformer, filterFieldsByNameTransformer, filterFieldsTransformer } =
  standardTransformers;
standardTransformersRegistry.setInit(() =>
  [mergeTransformer, organizeFieldsTransformer, orderFieldsTransformer, renameFieldsTransformer, filterFieldsByNameTransformer, filterFieldsTransformer].map(
    (transformation) => ({ id: transformation.id, name: transformation.name, transformation, editor: null as any, imageDark: '', imageLight: '' }),
  ),
);

/// As Grafana matches overrides: by the name that is shown.
const nameOf = (field: Field) => field.config.displayName ?? field.config.displayNameFromDS ?? field.name;

/// The options that the panel gives to a field: its defaults, and the overrides for the field's name.
function configured(panel: any, field: Field, index: number, theme: GrafanaTheme2): Field {
  const { custom, ...defaults } = panel.fieldConfig?.defaults ?? {};
  const config: any = { color: { mode: FieldColorModeId.PaletteClassic }, ...defaults, ...field.config, custom: { ...custom } };
  for (const { matcher, properties } of panel.fieldConfig?.overrides ?? []) {
    if (matcher.id !== 'byName' || matcher.options !== nameOf(field)) continue;
    for (const { id, value } of properties) {
      if (id.startsWith('custom.')) config.custom[id.slice(7)] = value;
      else if (id !== 'links') config[id] = value;
    }
  }
  delete config.links;
  const made: Field = { ...field, config, state: { ...field.state, seriesIndex: index } };
  made.display = getDisplayProcessor({ field: made, theme, timeZone: 'utc' });
  return made;
}

async function framesOf(panel: any, view: View, theme: GrafanaTheme2): Promise<DataFrame[]> {
  const several = panel.targets.length > 1;
  const answers = await Promise.all(
    panel.targets.map(async (target: any) => (target.format === 'table' ? [await tableFrame(target, view, several)] : frameOfEachSeries(target, view))),
  );
  let frames: DataFrame[] = answers.flat();
  if (panel.transformations) frames = await firstValueFrom(transformDataFrame(panel.transformations, frames.filter((frame) => frame.length)));
  return frames
    .filter((frame) => frame.length)
    .map((frame, index) => ({ ...frame, fields: frame.fields.map((field) => configured(panel, field, index, theme)) }));
}

interface Drawing {
  panel: any;
  frames: DataFrame[];
  view: View;
  width: number;
  height: number;
  theme: GrafanaTheme2;
}

const lastOf = (frame: DataFrame) => frame.fields[1].values[frame.length - 1];

function Stats({ panel, frames, width, height, theme }: Drawing) {
  const named = frames.length > 1 || panel.options.textMode === 'value_and_name';
  return (
    <div style={{ display: 'flex', gap: 6 }}>
      {frames.map((frame, index) => (
        <BigValue key={index} theme={theme} width={width / frames.length - 6} height={height} graphMode={BigValueGraphMode.None}
          colorMode={panel.options.colorMode as BigValueColorMode} textMode={named ? BigValueTextMode.ValueAndName : BigValueTextMode.Value}
          value={{ ...frame.fields[1].display!(lastOf(frame)), title: getFieldDisplayName(frame.fields[1], frame) }} />
      ))}
    </div>
  );
}

const longest = (texts: string[]) => texts.reduce((a, b) => (b.length > a.length ? b : a), '');

function Bars({ frames, width, height, theme }: Drawing) {
  const shown = frames.map((frame) => frame.fields[1].display!(lastOf(frame)));
  const title = longest(frames.map((frame) => getFieldDisplayName(frame.fields[1], frame)));
  const alignment = { title, text: longest(shown.map(({ text }) => text)), suffix: longest(shown.map(({ suffix }) => suffix ?? '')) };
  const most = Math.max(...frames.map(lastOf));
  const row = Math.min(46, height / frames.length);
  return (
    <>
      {frames.map((frame, index) => {
        const field = { ...frame.fields[1].config, min: 0, max: frame.fields[1].config.max ?? most };
        return (
          <BarGauge key={index} theme={theme} width={width} height={row - 4} field={field} displayMode={BarGaugeDisplayMode.Gradient} display={frame.fields[1].display}
            value={{ ...frame.fields[1].display!(lastOf(frame)), title: getFieldDisplayName(frame.fields[1], frame) }} orientation={'horizontal' as any} alignmentFactors={alignment} text={{ titleSize: 12, valueSize: 14 }} />
        );
      })}
    </>
  );
}

function Drawn(drawing: Drawing) {
  const { panel, frames, view, width, height, theme } = drawing;
  if (panel.type === 'stat') return <Stats {...drawing} />;
  if (panel.type === 'bargauge') return <Bars {...drawing} />;
  if (panel.type === 'state-timeline') return <Timeline {...drawing} />;
  if (panel.type === 'heatmap') return <Heatmap {...drawing} unit={(value) => (Number.isFinite(value) ? `${value} ${panel.fieldConfig.defaults.unit}` : '+Inf')} />;
  if (panel.type === 'table') {
    const sort = panel.options.sortBy?.map(({ displayName, desc }: any) => ({ displayName, desc }));
    return <Table data={frames[0]} width={width} height={height} initialSortBy={sort} timeRange={timeRangeOf(view) as any} />;
  }
  return <TimeSeries frames={frames} structureRev={1} width={width} height={height} timeRange={timeRangeOf(view) as any} timeZone="utc" legend={panel.options.legend} />;
}

export function Panel({ panel, view, width, height, theme, done }: { panel: any; view: View; width: number; height: number; theme: GrafanaTheme2; done: (error?: Error) => void }) {
  const [frames, set] = React.useState<DataFrame[]>();
  React.useEffect(() => {
    framesOf(panel, view, theme).then((frames) => (set(frames), done()), done);
  }, []);
  return (
    <PanelChrome title={panel.title} width={width} height={height} loadingState={frames ? LoadingState.Done : LoadingState.Loading}>
      {(innerWidth, innerHeight) =>
        frames?.length ? <Drawn {...{ panel, frames, view, theme }} width={innerWidth} height={innerHeight} /> : <div style={{ textAlign: 'center', color: '#888' }}>{frames && 'No data'}</div>
      }
    </PanelChrome>
  );
}
