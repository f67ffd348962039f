/** What people do in the console of the emulator, and its call log. */
export interface DemoConsole {
  readonly act: (action: string, body: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly calls: () => Promise<readonly LoggedCall[]>;
  readonly forgetCalls: () => Promise<void>;
}

export interface LoggedCall {
  readonly operation: string;
  readonly resultCode: string;
}

export function openConsole(endpoint: string): DemoConsole {
  const post = async (name: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${endpoint}/console/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok || isRefused(answer)) {
      throw new Error(`the console refused ${name}: ${JSON.stringify(answer)}`);
    }
    return answer;
  };
  return {
    act: async (action, body) => {
      await post(action, body);
    },
    forgetCalls: async () => {
      await post('reset-calls', {});
    },
    calls: async () => {
      const response = await fetch(`${endpoint}/console/calls`);
      return (await response.json()) as readonly LoggedCall[];
    },
  };
}

function isRefused(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('result' in answer)) return false;
  const { result } = answer;
  return (
    typeof result === 'object' &&
    result !== null &&
    'resultStatus' in result &&
    result.resultStatus !== 'S'
  );
}
