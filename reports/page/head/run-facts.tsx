import type { PageRun } from '../../../runner/src/report/page/page-data.ts';
import { dateText, duration } from '../model/format.ts';
import { type Fact, Facts } from '../parts/facts.tsx';

export function RunFacts({ run }: { run: PageRun }) {
  const facts: readonly Fact[] = [
    ['started', dateText(run.startedAt)],
    ['took', run.seconds === null ? 'it did not end' : duration(run.seconds)],
    ['seed', run.seed],
    ['profile', run.profile],
    ...(run.qemu === null ? [] : [['QEMU', run.qemu] as const]),
    ...(run.cores === null ? [] : [['cores', String(run.cores)] as const]),
  ];
  return <Facts of={facts} most={200} />;
}
