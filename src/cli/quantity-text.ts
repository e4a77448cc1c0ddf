// Times, sizes and rates in at most six characters, for tables. Pure.

/** "42s", "7m", "3h", "5d"; below zero (clocks differ) "0s". */
export function ageText(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))}s`
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`
}

/** "812K", "37M", "1.2G": of 1024 each; null: not known. */
export function sizeText(bytes: number | null): string {
  if (bytes === null) return '-'
  const kibibytes = bytes / 1024
  if (kibibytes < 1024) return `${Math.round(kibibytes)}K`
  const mebibytes = kibibytes / 1024
  return mebibytes < 1024 ? `${Math.round(mebibytes)}M` : `${(mebibytes / 1024).toFixed(1)}G`
}

/** "0.4ms", "12ms", "1.2s", "75s"; null: not known. */
export function latencyText(milliseconds: number | null): string {
  if (milliseconds === null) return '-'
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)}ms`
  if (milliseconds < 999.5) return `${Math.round(milliseconds)}ms`
  return milliseconds < 9950 ? `${(milliseconds / 1000).toFixed(1)}s` : `${Math.round(milliseconds / 1000)}s`
}

/** "0", "0.2", "12.5", "4530", "12.3k"; null: not known. */
export function rateText(perSecond: number | null): string {
  if (perSecond === null) return '-'
  if (perSecond >= 9999.5) return `${(perSecond / 1000).toFixed(1)}k`
  if (perSecond >= 99.95 || perSecond === 0) return String(Math.round(perSecond))
  return perSecond < 0.05 ? '<0.1' : perSecond.toFixed(1)
}

/** "0.5", "102": percent of one processor; null: not known. */
export function percentText(percent: number | null): string {
  if (percent === null) return '-'
  return percent < 99.95 ? percent.toFixed(1) : String(Math.round(percent))
}
