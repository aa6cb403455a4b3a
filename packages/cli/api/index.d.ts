// The public API of @countersign/cli. Written by: npm run check -- --update

export {
  EXIT_CODES,
  ExitCode,
  ExitName,
  Io,
  run,
}

const EXIT_CODES: Readonly<Record<ExitName, ExitCode>>;

interface ExitCode {
    readonly code: number;
    readonly meaning: string;
    readonly cure: string;
}

type ExitName = 'ok' | 'fault' | 'usage' | 'refused' | 'unreachable' | 'peer' | 'api' | 'registry' | 'configuration' | 'unhealthy';

interface Io {
    readonly stdout: (chunk: string | Uint8Array) => void;
    readonly stderr: (text: string) => void;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly readStdin: () => Promise<Uint8Array>;
    readonly signal?: AbortSignal;
    readonly fetch?: typeof globalThis.fetch;
    readonly now?: () => number;
    readonly shellLine?: string;
    readonly isTTY: boolean;
}

function run(argv: readonly string[], io: Io): Promise<number>;
