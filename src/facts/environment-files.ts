// Reads the files that `env-file` names. What their texts mean is config/'s business, whether they may be used plan/'s.
import type { EnvironmentText } from '../plan/facts.ts'
import { readSmallFile } from './small-file.ts'

// The kernel takes 128 KiB a variable; more than this is a mistake, such as a log in the wrong place.
const largestFile = 64 * 1024

/** The texts by path, each path once. */
export async function readEnvironmentFiles(paths: readonly string[]): Promise<ReadonlyMap<string, EnvironmentText>> {
  const texts = new Map<string, EnvironmentText>()
  for (const path of paths) texts.set(path, await readSmallFile(path, largestFile))
  return texts
}
