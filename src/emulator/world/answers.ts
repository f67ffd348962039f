import { resultCodes, type ResultCode } from '../../protocol/result-codes.ts';
import type { Operation } from '../../protocol/operations.ts';
import type { RequestOf, Result, ResponseOf } from '../../protocol/wire.ts';

export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type Body<O extends Operation> = DeepReadonly<RequestOf<O>>;

/** A refusal, or an unfinished success, holds the result alone. */
export interface Refused {
  readonly result: DeepReadonly<Result>;
}

export type Answer<O extends Operation> = DeepReadonly<ResponseOf<O>> | Refused;

export const success = {
  resultStatus: 'S',
  resultCode: 'SUCCESS',
  resultMessage: 'success',
} as const satisfies Result;

/** The answer of a request that did nothing. */
export function refused(resultCode: ResultCode, resultMessage: string): Refused {
  const { status } = resultCodes[resultCode];
  return { result: { resultStatus: status, resultCode, resultMessage } };
}

export function succeeded(answer: { readonly result: DeepReadonly<Result> }): boolean {
  return answer.result.resultStatus === 'S';
}
