import manifest from '../../package.json' with { type: 'json' };

/** `fairlead 0.1.0 (node 24.21.0)`. */
export function versionText(): string {
  return `fairlead ${manifest.version} (node ${process.versions.node})`;
}

export const toolVersion: string = manifest.version;
