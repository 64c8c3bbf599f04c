import { Lines } from '../parts/lines.tsx';
import { Section } from '../parts/section.tsx';

export function Sentences({ title, texts }: { title: string; texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <Section title={title}>
      <ul class="sentences">
        {texts.map((text) => (
          <li key={text}>
            <Lines of={text} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
