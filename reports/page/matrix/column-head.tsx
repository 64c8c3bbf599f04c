import { Text } from '../parts/text.tsx';

/** The arch above its kernel, for as narrow a column as can be. */
export function ColumnHead({ column }: { column: string }) {
  const slash = column.indexOf('/');
  return (
    <th scope="col">
      {slash > 0 && (
        <>
          <b class="arch">
            <Text of={column.slice(0, slash)} most={80} />
          </b>
          <span class="unseen">/</span>
        </>
      )}
      <span class="kernel">
        <Text of={column.slice(slash + 1)} most={80} />
      </span>
    </th>
  );
}
