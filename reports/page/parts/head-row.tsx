export interface Column {
  name: string;
  isNumber?: boolean;
}

export const HeadRow = ({ columns }: { columns: readonly Column[] }) => (
  <thead>
    <tr>
      {columns.map(({ name, isNumber }) => (
        <th key={name} scope="col" class={isNumber ? 'number' : undefined}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);

export const number = (name: string): Column => ({ name, isNumber: true });
