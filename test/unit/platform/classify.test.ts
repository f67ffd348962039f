import { describe, expect, it } from 'vitest';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import {
  type Answer,
  classify,
  classifyTransport,
  failureError,
} from '../../../src/platform/http/classify.ts';

const result = (resultStatus: 'S' | 'F' | 'U' | 'A', resultCode: string) => ({
  result: { resultStatus, resultCode },
});

interface Row {
  /** HTTP status, then the result's status and code, if there is a result. */
  readonly answer: string;
  readonly why: string;
  readonly read: string;
  readonly write: string;
}

function judged(row: Row, trust: Answer['trust']) {
  const [status, resultStatus, resultCode] = row.answer.split(' ');
  const answer = {
    trust,
    status: Number(status),
    ...(resultCode === undefined ? {} : result(resultStatus as 'S', resultCode)),
  };
  return {
    read: classify(answer, 'read')?.code ?? 'ok',
    write: classify(answer, 'write')?.code ?? 'ok',
  };
}

const both = (code: string) => ({ read: code, write: code });
const open = (code: string) => ({ read: code, write: 'OutcomeUnknown' });

describe('a signed answer', () => {
  const rows: readonly Row[] = [
    { answer: '200 S SUCCESS', why: 'success', ...both('ok') },
    { answer: '200 S FINE', why: 'S is final', ...both('ok') },
    { answer: '201 S SUCCESS', why: 'adapters may say Created', ...both('ok') },
    { answer: '200 U UNKNOWN_EXCEPTION', why: 'may still happen', ...open('PlatformUnavailable') },
    {
      answer: '200 U PROCESS_FAIL',
      why: 'the status outweighs the code',
      ...open('PlatformUnavailable'),
    },
    { answer: '200 A ACCEPTED', why: 'work goes on', ...open('PlatformUnavailable') },
    {
      answer: '200 A SUCCESS',
      why: 'the status outweighs the code',
      ...open('PlatformUnavailable'),
    },
    { answer: '200 F REQUEST_TRAFFIC_EXCEED_LIMIT', why: 'slow down', ...both('RateLimited') },
    {
      answer: '200 U REQUEST_TRAFFIC_EXCEED_LIMIT',
      why: 'the same in sibling APIs',
      ...both('RateLimited'),
    },
    {
      answer: '200 F SOMETHING_NEW',
      why: 'final, and a human must look',
      ...both('PlatformRefused'),
    },
    { answer: '200 F SUCCESS', why: 'final, and not done', ...both('PlatformRefused') },
    {
      answer: '200 F UNKNOWN_EXCEPTION',
      why: 'what is unknown is not final',
      ...open('PlatformUnavailable'),
    },
    { answer: '200 F PROCESS_FAIL', why: 'business failure', ...both('PlatformRefused') },
    { answer: '200 F PARAM_ILLEGAL', why: 'our request is wrong', ...both('RequestInvalid') },
    { answer: '200 F ACCESS_DENIED', why: 'rights', ...both('AccessDenied') },
    { answer: '200 F ROLE_NOT_ALLOWED', why: 'rights', ...both('AccessDenied') },
    { answer: '200 F TIMESTAMP_INVALID', why: 'our clock', ...both('SignatureRefused') },
    { answer: '200 F REVISION_MISMATCH', why: 'observe again', ...both('Stale') },
    { answer: '200 F MARK_MISMATCH', why: 'observe again', ...both('Stale') },
    { answer: '200 F REPEAT_REQ_INCONSISTENT', why: 'another write had the id', ...both('Stale') },
    {
      answer: '200 F RELEASE_TARGET_ALREADY_SELECTED',
      why: 'the record exists',
      ...both('AlreadySelected'),
    },
    { answer: '200 F RELEASE_NOT_EDITABLE', why: 'its status moved on', ...both('NotEditable') },
    { answer: '200 F PAGE_TOKEN_EXPIRED', why: 'list again', ...both('ListExpired') },
    { answer: '200', why: 'no contract', ...open('ResponseUntrusted') },
    { answer: '204', why: 'no contract', ...open('ResponseUntrusted') },
    { answer: '302', why: 'redirects are refused', ...open('ResponseUntrusted') },
    { answer: '307 S SUCCESS', why: 'redirects are refused', ...open('ResponseUntrusted') },
    { answer: '400', why: 'our request is wrong', ...both('RequestInvalid') },
    { answer: '400 F REVISION_MISMATCH', why: 'the code says more', ...both('Stale') },
    { answer: '401', why: 'rights', ...both('AccessDenied') },
    { answer: '401 F INVALID_SIGNATURE', why: 'the code says more', ...both('SignatureRefused') },
    { answer: '403', why: 'rights', ...both('AccessDenied') },
    { answer: '404', why: 'no such route', ...both('RequestInvalid') },
    { answer: '404 S SUCCESS', why: 'a refusal is no success', ...both('RequestInvalid') },
    { answer: '409', why: 'observe again', ...both('Stale') },
    { answer: '412', why: 'observe again', ...both('Stale') },
    { answer: '408', why: 'the request may be under way', ...open('PlatformUnavailable') },
    { answer: '429', why: 'slow down', ...both('RateLimited') },
    { answer: '429 F PROCESS_FAIL', why: 'the status outweighs the code', ...both('RateLimited') },
    { answer: '500', why: 'may be applied', ...open('PlatformUnavailable') },
    { answer: '500 F PROCESS_FAIL', why: 'a 500 knows nothing', ...open('PlatformUnavailable') },
    { answer: '500 S SUCCESS', why: 'a 500 knows nothing', ...open('PlatformUnavailable') },
    { answer: '502', why: 'may be applied', ...open('PlatformUnavailable') },
    { answer: '503', why: 'may be applied', ...open('PlatformUnavailable') },
    { answer: '504', why: 'may be applied', ...open('PlatformUnavailable') },
  ];
  it.each(rows)('$answer', (row) => {
    expect(judged(row, 'signed'), row.why).toEqual({ read: row.read, write: row.write });
  });
});

describe('an answer without a signature', () => {
  const rows: readonly Row[] = [
    { answer: '200 S SUCCESS', why: 'anybody could say so', ...open('ResponseUntrusted') },
    {
      answer: '200 F INVALID_SIGNATURE',
      why: 'the platform cannot sign it',
      ...both('SignatureRefused'),
    },
    {
      answer: '200 F TIMESTAMP_INVALID',
      why: 'the platform cannot sign it',
      ...both('SignatureRefused'),
    },
    {
      answer: '401 F INVALID_CLIENT',
      why: 'it knows no key to sign for',
      ...both('SignatureRefused'),
    },
    { answer: '200 F KEY_NOT_FOUND', why: 'it knows no key', ...both('SignatureRefused') },
    {
      answer: '200 U INVALID_SIGNATURE',
      why: 'not final, so no refusal',
      ...open('ResponseUntrusted'),
    },
    { answer: '200 F PROCESS_FAIL', why: 'anybody could say so', ...open('ResponseUntrusted') },
    {
      answer: '200 F REVISION_MISMATCH',
      why: 'anybody could say so',
      ...open('ResponseUntrusted'),
    },
    { answer: '200', why: 'truncated or not JSON', ...open('ResponseUntrusted') },
    { answer: '301', why: 'something in front', ...open('ResponseUntrusted') },
    { answer: '401', why: 'something in front', ...open('ResponseUntrusted') },
    { answer: '403', why: 'something in front', ...open('ResponseUntrusted') },
    { answer: '404', why: 'something in front', ...open('ResponseUntrusted') },
    { answer: '409', why: 'something in front', ...open('ResponseUntrusted') },
    {
      answer: '429',
      why: 'costs a read only time; a write may have passed before it',
      ...open('RateLimited'),
    },
    { answer: '500', why: 'may be applied', ...open('PlatformUnavailable') },
    { answer: '502', why: 'may be applied', ...open('PlatformUnavailable') },
    { answer: '503', why: 'may be applied', ...open('PlatformUnavailable') },
    { answer: '504', why: 'may be applied', ...open('PlatformUnavailable') },
  ];
  it.each(rows)('$answer', (row) => {
    expect(judged(row, 'unsigned'), row.why).toEqual({ read: row.read, write: row.write });
  });
});

describe('an answer whose signature does not verify', () => {
  it.each(['200 S SUCCESS', '200 F INVALID_SIGNATURE', '429', '500'])(
    'is nobody’s: %s',
    (answer) => {
      expect(judged({ answer, why: '', ...both('') }, 'forged')).toEqual(open('ResponseUntrusted'));
    },
  );
});

describe('what goes with a failure', () => {
  it('keeps the wait that was asked for, also where the outcome is unknown', () => {
    const answer = { status: 503, trust: 'unsigned', retryAfterMs: 7_000 } as const;

    expect(classify(answer, 'read')?.retryAfterMs).toBe(7_000);
    expect(classify(answer, 'write')?.retryAfterMs).toBe(7_000);
  });

  it.each([
    { name: 'redirect', status: 302, hint: /endpoint/ },
    { name: 'wrong route', status: 404, hint: /pathPrefix/ },
    { name: 'refusal in front', status: 403, hint: /allow-lists/ },
  ])('says what to do about a $name', ({ status, hint }) => {
    expect(classify({ status, trust: 'unsigned' }, 'read')?.nextStep).toMatch(hint);
  });

  it.each(['INVALID_SIGNATURE', 'TIMESTAMP_INVALID', 'INVALID_CLIENT', 'KEY_NOT_FOUND'])(
    'has a next step of its own for %s',
    (code) => {
      const failure = classify({ status: 200, trust: 'unsigned', ...result('F', code) }, 'read');

      expect(failure?.resultCode).toBe(code);
      expect(failure?.nextStep).toMatch(/connection|clock/);
    },
  );

  it('repeats no text that poses as a code, and no message', () => {
    const posing = {
      resultStatus: 'F',
      resultCode: 'canary value',
      resultMessage: 'canary',
    } as const;
    const failure = classify({ status: 200, trust: 'signed', result: posing }, 'write');

    const error = failureError('createRelease', failure!);

    expect(JSON.stringify([error.message, error.resultCode, error.nextStep])).not.toContain(
      'canary',
    );
    expect(error.code).toBe('PlatformRefused');
  });
});

describe('a failed exchange', () => {
  it.each([
    {
      name: 'unknown, reading',
      code: 'OutcomeUnknown',
      kind: 'read',
      expected: 'PlatformUnavailable',
    },
    { name: 'unknown, writing', code: 'OutcomeUnknown', kind: 'write', expected: 'OutcomeUnknown' },
    {
      name: 'not sent, reading',
      code: 'PlatformUnavailable',
      kind: 'read',
      expected: 'PlatformUnavailable',
    },
    {
      name: 'not sent, writing',
      code: 'PlatformUnavailable',
      kind: 'write',
      expected: 'PlatformUnavailable',
    },
    {
      name: 'not allowed, reading',
      code: 'SettingsInvalid',
      kind: 'read',
      expected: 'SettingsInvalid',
    },
  ] as const)('$name', ({ code, kind, expected }) => {
    expect(classifyTransport(new ReconcileError(code, ''), kind).code).toBe(expected);
  });
});
