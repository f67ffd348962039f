/** One figure and the gate it is held against. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly gate: string;
  readonly holds: boolean;
}

export type Measure = () => Promise<readonly Row[]>;

/** A figure without a gate, for others to be read against. */
export function reference(row: Omit<Row, 'gate' | 'holds'>): Row {
  return { ...row, gate: '-', holds: true };
}

/** A row that holds while the value is at most the gate. */
export function atMost(gate: number, row: Omit<Row, 'gate' | 'holds'>): Row {
  return { ...row, gate: `<= ${String(gate)} ${row.unit}`.trim(), holds: row.value <= gate };
}

/** A row that holds while the value is at least the gate. */
export function atLeast(gate: number, row: Omit<Row, 'gate' | 'holds'>): Row {
  return { ...row, gate: `>= ${String(gate)} ${row.unit}`.trim(), holds: row.value >= gate };
}

/** A row that holds for exactly one value. */
export function exactly(expected: number, row: Omit<Row, 'gate' | 'holds'>): Row {
  return {
    ...row,
    gate: `= ${String(expected)} ${row.unit}`.trim(),
    holds: row.value === expected,
  };
}
