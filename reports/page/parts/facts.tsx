import { Text } from './text.tsx';

export type Fact = readonly [name: string, value: string];

/** Names and what they come to, each cut to so many characters. */
export function Facts({ of, most }: { of: readonly Fact[]; most: number }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text of={value} most={most} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
