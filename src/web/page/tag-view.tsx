// One tag: bytes, blocks and bytes per block over time, its group scaled onto it, who uses it, what is known of it.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { baseName } from "../../model/file-path.ts";
import { formatTag, formatTagHex, isPrintableTag } from "../../model/tag.ts";
import { formatBytes, formatCount, formatRate } from "../../model/units.ts";
import type { DriverMatch } from "../../model/attribution.ts";
import type { TagRef, Verdict } from "../../model/verdict.ts";
import type { Points, TagDetail } from "../contract.ts";
import { objectSentence } from "../../words/beside.ts";
import { mayHead, ownerWords, suspectNames } from "../../words/suspects.ts";
import { SCOPE_WORDS, TIER_WORDS } from "../../words/tiers.ts";
import { useAsked } from "./use-asked.ts";
import { CardCopy } from "./card-copy.tsx";
import { TimeBar } from "./time-bar.tsx";
import { Explained } from "./term.tsx";
import { TagLink } from "./tag-link.tsx";
import { BYTE_STEPS, withBreaks } from "./chart-data.ts";
import type { Marks } from "./chart-marks.ts";
import { chartControls } from "./chart-controls.ts";
import { driverMarks } from "./driver-marks.ts";
import { Chart } from "./chart.tsx";
import type { Line } from "./chart-props.ts";
import { chartColours, withOpacity } from "./colours.ts";
import { Compare } from "./compare.tsx";
import { formatFull } from "./local-time.ts";
import type { ViewProps } from "./view-props.ts";
import { hasTrend } from "./pools.tsx";
import { Facts, PublishedCase, Reasons, StateBadge } from "./verdict-card.tsx";

interface TagViewProps extends ViewProps {
  readonly tagRef: TagRef;
  readonly verdict: Verdict | undefined;
}

interface Loaded {
  readonly own: TagDetail;
  readonly group: readonly { readonly detail: TagDetail; readonly ratio: number }[];
  /** What the object manager counts of the tag's objects, in words. */
  readonly objects: string | undefined;
}

export function TagView(props: TagViewProps): JSX.Element {
  const { source, overview, tagRef, verdict, view, changeView, openTag } = props;
  const loaded = useAsked(() => load(props), [source, overview.status.revision]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) changeView({ tag: undefined });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [changeView]);
  const name = formatTag(tagRef.tag);
  const suspect = verdict?.attribution?.suspect;
  return (
    <>
      <section class="tag-head">
        <h1 ref={heading} tabIndex={-1}>
          <code>{name}</code> <span class="muted">in {tagRef.kind} pool</span>
        </h1>
        {verdict !== undefined && <StateBadge state={verdict.state} />}
        <p class="muted">
          {mayHead(suspect) && <>{suspectNames(suspect)}. </>}
          Tag value <code>{formatTagHex(tagRef.tag)}</code>
          {!isPrintableTag(tagRef.tag) && ", with bytes that no keyboard has"}
        </p>
      </section>
      {loaded === undefined && <p aria-busy="true">Loading.</p>}
      {typeof loaded === "string" && <p class="bar bad">{loaded}</p>}
      {view.range !== undefined && (
        <Compare source={source} range={view.range} changeView={changeView} openTag={openTag} />
      )}
      {typeof loaded === "object" && <Now detail={loaded.own} objects={loaded.objects} />}
      {typeof loaded === "object" && hasTrend(props.diagnosis) && <TimeBar view={view} changeView={changeView} />}
      {typeof loaded === "object" && hasTrend(props.diagnosis) && <Charts {...props} loaded={loaded} />}
      {verdict !== undefined && (
        <section aria-labelledby="verdict" class="panel">
          <h2 id="verdict">The verdict</h2>
          <Facts verdict={verdict} end={props.diagnosis.span.to} />
          <CardCopy verdict={verdict} diagnosis={props.diagnosis} version={overview.version} />
          <Reasons verdict={verdict} />
        </section>
      )}
      {verdict !== undefined && verdict.group.length > 0 && <Group verdict={verdict} openTag={openTag} />}
      {typeof loaded === "object" && (
        <Drivers
          drivers={merged(driversOf(verdict, tagRef), loaded.own.drivers)}
          detail={loaded.own}
          hasVerdict={verdict !== undefined}
        />
      )}
    </>
  );
}

/** What it holds at the end of the record. */
function Now({ detail, objects }: { readonly detail: TagDetail; readonly objects: string | undefined }): JSX.Element {
  const bytes = detail.bytes.at(-1) ?? null;
  const blocks = detail.blocks.at(-1) ?? null;
  if (bytes === null || blocks === null) return <p>Not listed in the newest snapshot.</p>;
  const size = sizeOf(bytes, blocks);
  return (
    <p>
      Holds <b>{formatBytes(bytes)}</b> in {formatCount(blocks)} {blocks === 1 ? "block" : "blocks"}
      {size !== null && blocks > 1 && ` of ${formatBytes(size)} on average`}.
      {objects !== undefined && ` The kernel counts ${objects}.`}
    </p>
  );
}

/** The tag and its group; members are scaled to the one that is looked at. */
async function load({ source, tagRef, verdict }: TagViewProps): Promise<Loaded> {
  // Where they cannot be had the page does without the counts.
  const [own, beside] = await Promise.all([source.detail(tagRef), source.beside().catch(() => undefined)]);
  const counts = beside?.objects?.rows;
  const objects = counts && objectSentence(tagRef.tag, counts);
  const members = verdict?.group ?? [];
  const ownRatio = members.find(({ tag, kind }) => tag === tagRef.tag && kind === tagRef.kind)?.ratio ?? 1;
  const others = members.filter(({ tag, kind }) => tag !== tagRef.tag || kind !== tagRef.kind).slice(0, 6);
  const details = await Promise.all(others.map((each) => source.detail(each).catch(() => undefined)));
  const group = details.flatMap((detail, index) =>
    detail === undefined || detail.times.length !== own.times.length
      ? []
      : [{ detail, ratio: (others[index]?.ratio ?? 1) / ownRatio }],
  );
  return { own, group, objects };
}

function Charts(props: TagViewProps & { readonly loaded: Loaded }): JSX.Element {
  const { loaded, diagnosis, overview, verdict, view, changeView, themeKey } = props;
  const { own, group } = loaded;
  const since = verdict?.since;
  const marks = useMemo<Marks>(
    () => ({
      boots: diagnosis.span.boots,
      missing: overview.missing,
      ...driverMarks(diagnosis),
      ...(since === undefined ? {} : { onset: since }),
      ...(view.range === undefined ? {} : { range: view.range }),
    }),
    [overview, diagnosis, since, view.range?.from, view.range?.to],
  );
  const drawn = useMemo(() => {
    const { accent, series } = chartColours();
    const sizes = own.bytes.map((bytes, i) => sizeOf(bytes, own.blocks[i] ?? null));
    const scaled = group.map(({ detail, ratio }) => scaledTo(own.blocks, detail.blocks, ratio, since, own.times));
    const { times, columns } = withBreaks(
      own.times,
      [own.bytes, own.blocks, sizes, ...scaled, ...group.map(({ detail }) => detail.blocks)],
      diagnosis.span.boots,
      overview.missing,
    );
    const line = (index: number, label: string): Line => ({
      label,
      values: columns[index] ?? [],
      colour: accent,
      fill: withOpacity(accent, 0.12),
      width: 2,
    });
    const members = group.map(({ detail }, index): Line => ({
      label: `${formatTag(detail.tag)} (${detail.kind}), scaled`,
      values: columns[3 + index] ?? [],
      shown: columns[3 + group.length + index] ?? [],
      colour: series[(index + 1) % series.length] ?? "",
      dash: [5, 3],
    }));
    return {
      times,
      bytes: [line(0, "Bytes")],
      blocks: [line(1, "Blocks"), ...members],
      sizes: [line(2, "Bytes per block")],
    };
  }, [loaded, overview, diagnosis, themeKey]);
  const name = formatTag(own.tag);
  const shared = {
    times: drawn.times,
    marks,
    themeKey,
    controls: chartControls(view, changeView),
  };
  return (
    <section aria-label="Over time" class="trio">
      <div class="panel">
        <h2>Bytes held</h2>
        <Chart
          name={`Bytes held under ${name}`}
          label={`Bytes held under ${name}`}
          lines={drawn.bytes}
          format={formatBytes}
          steps={BYTE_STEPS}
          {...shared}
        />
      </div>
      <div class="panel">
        <h2>Blocks held{group.length > 0 && ", with its group scaled onto it"}</h2>
        <Chart
          name={`Blocks held under ${name}`}
          label={`Blocks held under ${name}`}
          lines={drawn.blocks}
          format={formatCount}
          {...shared}
        />
      </div>
      <div class="panel">
        <h2>Bytes per block</h2>
        <Chart
          name={`Bytes per block of ${name}`}
          label={`Bytes per block of ${name}`}
          lines={drawn.sizes}
          format={formatBytes}
          steps={BYTE_STEPS}
          {...shared}
        />
      </div>
    </section>
  );
}

function sizeOf(bytes: number | null, blocks: number | null): number | null {
  return bytes === null || blocks === null || blocks === 0 ? null : bytes / blocks;
}

/** A member's growth since the onset, divided by its ratio, on top of what the own tag held then: in lockstep they coincide. */
function scaledTo(
  own: Points,
  other: Points,
  ratio: number,
  since: number | undefined,
  times: readonly number[],
): Points {
  const at = Math.max(0, since === undefined ? 0 : times.findIndex((time) => time >= since));
  const base = own[at] ?? 0;
  const start = other[at] ?? 0;
  return other.map((value) => (value === null ? null : Math.max(0, base + (value - start) / (ratio || 1))));
}

function Group({ verdict, openTag }: { verdict: Verdict; openTag: (ref: TagRef) => void }): JSX.Element {
  return (
    <section aria-labelledby="group" class="panel">
      <h2 id="group">
        Grows in <Explained term="lockstep" />
      </h2>
      <p class="muted">Their counts rise together, so they are one leak: end it at the first and all of them stop.</p>
      <ul class="lines">
        {verdict.group.map(({ tag, kind, ratio, bytesPerHour }) => (
          <li key={`${tag} ${kind}`}>
            <TagLink tagRef={{ tag, kind }} openTag={openTag} />
            <span class="muted">
              {kind}, ratio {ratio.toFixed(2)}, {formatRate(bytesPerHour)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the finding itself knows of the tag's drivers. */
function driversOf(verdict: Verdict | undefined, { tag, kind }: TagRef): readonly DriverMatch[] {
  return verdict?.attribution?.members.find((each) => each.tag === tag && each.kind === kind)?.drivers ?? [];
}

function merged(first: readonly DriverMatch[], second: readonly DriverMatch[]): readonly DriverMatch[] {
  const files = new Set(first.map(({ file }) => file));
  return [...first, ...second.filter(({ file }) => !files.has(file))];
}

function Drivers(props: { drivers: readonly DriverMatch[]; detail: TagDetail; hasVerdict: boolean }): JSX.Element {
  const { drivers, detail, hasVerdict } = props;
  const { owner, knownLeaks } = detail;
  return (
    <section aria-labelledby="drivers" class="panel">
      <h2 id="drivers">Who uses this tag</h2>
      {!hasVerdict && owner !== undefined && (
        <p>
          Owner of the tag: <b>{ownerWords(owner)}</b>. {owner.caution !== undefined && <em>{owner.caution}</em>}
        </p>
      )}
      {!hasVerdict && knownLeaks.map((known) => <PublishedCase key={known.id} known={known} />)}
      {drivers.length === 0 ? (
        <p class="muted">
          No driver was matched to it here. “poolscope drivers FOLDER” searches the drivers of a machine and tells with
          which proof.
        </p>
      ) : (
        drivers.map((driver) => <Driver key={driver.file} driver={driver} />)
      )}
    </section>
  );
}

function Driver({ driver }: { readonly driver: DriverMatch }): JSX.Element {
  const { file, tier, company, product, version, signer, fileTime, library, scope, uses } = driver;
  const facts = [company, product, version === undefined ? undefined : `version ${version}`].filter(
    (part) => part !== undefined && part !== "",
  );
  return (
    <article class="driver">
      <h3>
        {baseName(file)} <span class={`tier ${tier}`}>{TIER_WORDS[tier].short}</span>
      </h3>
      <p>
        {facts.join(", ")}
        {signer !== undefined && `, signed by ${signer}`}
        {fileTime !== undefined && `, file of ${formatFull(fileTime)}`}
      </p>
      <p class="muted">
        <code class="path">{file}</code>: {TIER_WORDS[tier].long}
        {library !== undefined && `; the tag belongs to ${library}, which many drivers link`}
        {scope !== undefined && `; index of ${SCOPE_WORDS[scope].short}`}.
      </p>
      {uses.length > 0 && (
        <ul class="plain">
          {uses.map(({ api, rva, function: start, pool }) => (
            <li key={rva}>
              <code>{api}</code> called at <code>+0x{rva.toString(16)}</code> in the function at{" "}
              <code>+0x{start.toString(16)}</code>
              {pool !== null && `, ${pool} pool`}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
