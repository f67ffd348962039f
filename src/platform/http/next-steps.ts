import type { ErrorCode } from '../../core/words/errors.ts';
import type { ResultCode } from '../../protocol/result-codes.ts';

const configured = 'see endpoint, pathPrefix and routes of the connection';

/** What a person can do, by result code or, where the code says nothing more, by error. */
export const nextSteps: Readonly<Partial<Record<ResultCode | ErrorCode, string>>> = {
  INVALID_SIGNATURE:
    'the platform must hold the public half of privateKey; see keyVersion, signatureEncoding and signedPath of the connection, then run fairlead doctor',
  TIMESTAMP_INVALID:
    'set the clock of this machine: requests farther than five minutes from the platform are refused',
  INVALID_CLIENT: 'see clientId of the connection: the platform does not know it',
  KEY_NOT_FOUND: 'see keyVersion of the connection: the platform holds no such key',
  INVALID_API: configured,
  METHOD_NOT_SUPPORTED: configured,
  PARAM_ILLEGAL: 'compare the platform or the adapter with docs/platform-api.md',
  ROLE_NOT_ALLOWED:
    'make the client an admin of the workspace, or Admin of the mini program: a Developer may upload but not configure',
  EXPIRED_ACCESS_TOKEN: 'renew the credential at the platform',
  DOMAIN_EDIT_NOT_GRANTED:
    'ask a tenant workspace admin to authorize server domains and WAP URLs for this program',
  ENV_VARS_NOT_ENABLED: 'ask the super app to enable environment variables, or remove them',
  ENV_VARS_LIMIT_EXCEEDED: 'a release holds at most five environment variables: remove some',
  TESTERS_LIMIT_EXCEEDED: 'a release holds at most 100 testers: remove some',
  ENVIRONMENT_NOT_AVAILABLE: 'the target app has no such environment: remove the target',
  VERSION_NOT_FOUND: 'upload the version first',
  MINI_PROGRAM_NOT_FOUND: 'see workspace and id of the MiniProgram',

  AccessDenied:
    'give the client the right it lacks at the platform; fairlead doctor shows its rights',
  OutcomeUnknown: 'nothing to do: what is there is read before anything is repeated',
  PlatformRefused: 'look at the record in the console: the platform refuses what is declared',
  PlatformUnavailable: 'nothing to do if it passes; else see endpoint of the connection',
  RateLimited: 'nothing to do if it passes; else lower requestsPerSecond of the connection',
  RequestInvalid: 'compare the platform or the adapter with docs/platform-api.md',
  ResponseUntrusted:
    'see platformPublicKey and endpoint of the connection: something else answers, or signs with another key',
  SignatureRefused: 'run fairlead doctor',
};

/** By HTTP status, where it says more than the error does. */
export function statusNextSteps(status: number): string | undefined {
  if (status >= 300 && status < 400) return `redirects are not followed: ${configured}`;
  if (status === 404 || status === 405) return configured;
  if (status === 401 || status === 403)
    return 'the platform or something in front of it refuses the client: see clientId, key and allow-lists';
  return undefined;
}
