import type { SecretText } from '../../core/words/secret-text.ts';
import type { ForgeName } from '../../ports/forge.ts';
import type { Clock, Random, Telemetry, Transport } from '../../ports/index.ts';

/** How we prove to a forge who we are. */
export type ForgeCredential =
  /** A token of a person, a project or a CI job. */
  | { readonly kind: 'token'; readonly token: SecretText }
  /** The token GitLab gives to a CI job, `CI_JOB_TOKEN`: it reads and can neither comment nor set a status. */
  | { readonly kind: 'jobToken'; readonly token: SecretText }
  /** A GitHub App: short-lived tokens are made from its key. */
  | {
      readonly kind: 'app';
      /** Client id or number of the App. */
      readonly appId: string;
      /** PEM, PKCS#1 as GitHub gives it out or PKCS#8. */
      readonly privateKey: SecretText;
      /** Absent: the one of the repository, asked once. */
      readonly installationId?: number;
    };

/** One repository on one forge. */
export interface ForgeSettings {
  readonly name: ForgeName;
  /**
   * What people open, without a slash at the end, with a path where the forge lives below one: `https://github.com`,
   * `https://git.example.com/gitlab`.
   */
  readonly webUrl: string;
  /** Without a slash at the end; absent: where the forge has it for `webUrl`. */
  readonly apiUrl?: string;
  /** `owner/name`; on GitLab with all groups. */
  readonly repository: string;
  readonly credential: ForgeCredential;
  /** Longest time for one call with its repetitions and waits, milliseconds. */
  readonly deadlineMs: number;
}

export interface ForgePorts {
  /** No redirects, no retries; refuses what is no https, except to this machine. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}
