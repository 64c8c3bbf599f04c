import { Lines } from '../parts/lines.tsx';

export function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <section class="notes" aria-label="About this report">
      <ul>
        {notes.map((note) => (
          <li key={note}>
            <Lines of={note} />
          </li>
        ))}
      </ul>
    </section>
  );
}
