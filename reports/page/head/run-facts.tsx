import type { PageRun } from '../../../runner/src/report/page/page-data.ts';
import { dateText, duration } from '../model/format.ts';
import { Text } from '../parts/text.tsx';

export function RunFacts({ run }: { run: PageRun }) {
  const facts: readonly (readonly [string, string])[] = [
    ['started', dateText(run.startedAt)],
    ['took', run.seconds === null ? 'it did not end' : duration(run.seconds)],
    ['seed', run.seed],
    ['profile', run.profile],
    ...(run.qemu === null ? [] : [['QEMU', run.qemu] as const]),
    ...(run.cores === null ? [] : [['cores', String(run.cores)] as const]),
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text of={value} most={200} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
