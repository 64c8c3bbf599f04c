import type { ComponentChildren } from 'preact';

/** What is wider than its place scrolls in it, by the keys as well. */
export const ScrollBox = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <section class="scroll" aria-label={label} {...{ tabIndex: 0 }}>
    {children}
  </section>
);
