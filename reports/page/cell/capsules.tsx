import type { PageCapsule } from '../../../runner/src/report/page/page-data.ts';
import { Command } from '../parts/command.tsx';
import { FileLink } from '../parts/file-link.tsx';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';

export function Capsules({ capsules }: { capsules: readonly PageCapsule[] }) {
  if (capsules.length === 0) return null;
  return (
    <Section title="Capsules">
      <ul class="capsules">
        {capsules.map(({ file, lane, replay, trace }) => (
          <li key={file}>
            <p>
              <Text of={lane} most={80} /> lane: <FileLink file={file} />
              {trace !== null && (
                <>
                  , <FileLink file={trace}>trace</FileLink> (opens in Perfetto)
                </>
              )}
            </p>
            <Command text={replay} what="the command that replays it" />
          </li>
        ))}
      </ul>
    </Section>
  );
}
