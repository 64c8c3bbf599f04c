import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec, judged, scenario, schedule, trialsOf } from '../../judge/testing.ts';
import { UserError } from '../../lib/errors.ts';
import type { ScheduleRecord } from '../../lib/events.ts';
import { scenarioIdSchema } from '../../lib/ids.ts';
import { capsule as exampleCapsule } from '../../lib/testing.ts';
import { folder } from '../../plan/testing.ts';
import { traceSchema } from '../../report/timeline/testing.ts';
import type { Beside } from '../../run/beside.ts';
import type { ReplayOutcome } from '../../run/replay.ts';
import { cellOf, timelineLines, writeTrace } from './replay-timeline.ts';

const capsule = exampleCapsule({ scenario: scenario.id });

const breached = schedule({ lane: 'guarded', index: 0, events: [judged(10, 30), exec(20, 30, 'EVIL')] });
const passed = schedule({ lane: 'guarded', index: 1, events: trialsOf('guarded', () => 'GOOD') });

const outcome = (first: ScheduleRecord, beside: Beside | null): ReplayOutcome => ({
  ...{ differences: [], digests: [capsule.expected.digest], same: 1, first, beside },
});

describe('the timeline of a replay', () => {
  const cell = cellOf(capsule, [scenario]);

  test('names the event that breached', () => {
    const lines = timelineLines(cell, outcome(breached, null));
    expect(lines).toContain('      0.000 ✘ kernel   exec child 1 [/bin/witness EVIL] /bin/witness');
    expect(lines.join('\n')).not.toMatch(/beside|none/);
  });

  test('stands beside a seed that passed, and says which', () => {
    const lines = timelineLines(cell, outcome(breached, { tried: 3, record: passed }));
    expect(lines).toContainEqual(expect.stringMatching(/^beside seed 1001, in which nobody crossed it/));
  });

  test('says how many seeds did not pass', () => {
    const lines = timelineLines(cell, outcome(breached, { tried: 8, record: null }));
    expect(lines.at(-1)).toBe('none of the 8 seeds behind it passes, so it stands alone');
  });

  test('is of a scenario that is there', () => {
    const other = { ...capsule, scenario: scenarioIdSchema.parse('argv/elsewhere') };
    expect(() => cellOf(other, [scenario])).toThrow(UserError);
    expect(() => cellOf(other, [scenario])).toThrow(/no scenario argv\/elsewhere/);
  });

  test('judges schedules by as many trials as the capsule has', () => {
    expect(cell.trials).toEqual({ control: 3, guarded: 3, honest: 3 });
    expect(cell.scenario).toBe(scenario);
  });
});

describe('the trace of a replay', () => {
  test('is a file for a viewer, or a word about where it cannot be', async () => {
    await using place = await folder();
    const file = path.join(place.dir, 'x.trace.json');
    await writeTrace(file, cellOf(capsule, [scenario]), outcome(breached, null));
    const trace = traceSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(trace.metadata.cell).toBe(capsule.cell);
    expect(trace.traceEvents).toContainEqual(expect.objectContaining({ cat: 'breach' }));
    const below = path.join(file, 'x.json');
    await expect(
      writeTrace(below, cellOf(capsule, [scenario]), outcome(breached, null)),
    ).rejects.toMatchObject({
      code: 'unwritable-file',
      exitStatus: 2,
    });
  });
});
