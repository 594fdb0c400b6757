import { concurrencyOptions, dailyLimit, rateLimitOptions } from 'types.bicep'

@export()
@description('A number as the value of a setting; null if there is none.')
func numberText(number int?) string? => number == null ? null : string(number!)

@description('The settings of requests per minute; null stands for one that is left out.')
func rateLimitSettings(limits rateLimitOptions) { *: string? } => {
  QuantaPilot__RateLimits__TriggersPerMinute: numberText(limits.?triggersPerMinute)
  QuantaPilot__RateLimits__DecisionsPerMinute: numberText(limits.?decisionsPerMinute)
  QuantaPilot__RateLimits__WritesPerMinute: numberText(limits.?writesPerMinute)
  QuantaPilot__RateLimits__ReadsPerMinute: numberText(limits.?readsPerMinute)
  QuantaPilot__RateLimits__FailedAuthenticationsPerMinute: numberText(limits.?failedAuthenticationsPerMinute)
  QuantaPilot__RateLimits__TrustedProxies: numberText(limits.?trustedProxies)
}

@description('The settings of how many runs work at the same time; null stands for one that is left out.')
func concurrencySettings(limits concurrencyOptions) { *: string? } => {
  QuantaPilot__Concurrency__Running: numberText(limits.?running)
  QuantaPilot__Concurrency__RunningPerProject: numberText(limits.?runningPerProject)
  QuantaPilot__Concurrency__RunningPerBranch: numberText(limits.?runningPerBranch)
}

@description('The settings of what the runs of a project may use up in a day; null stands for one that is left out.')
func dailySettings(limits dailyLimit[]) { *: string? } =>
  union(
    toObject(range(0, length(limits)), i => 'QuantaPilot__DailyLimits__${i}__Project', i => limits[i].project),
    toObject(
      range(0, length(limits)),
      i => 'QuantaPilot__DailyLimits__${i}__Tokens',
      i => numberText(limits[i].?tokens)
    ),
    toObject(range(0, length(limits)), i => 'QuantaPilot__DailyLimits__${i}__Usd', i => limits[i].?usd)
  )

@export()
@description('The settings of all limits; null stands for one that is left out.')
func limitSettings(rates rateLimitOptions, concurrency concurrencyOptions, daily dailyLimit[]) { *: string? } =>
  union(rateLimitSettings(rates), concurrencySettings(concurrency), dailySettings(daily))
