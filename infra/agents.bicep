import { agentOptions, chatModel } from 'types.bicep'
import { agentSecretName, chatSecretName, vaultReference } from 'secrets.bicep'
import { numberText } from 'limits.bicep'

@description('The settings of a model; null stands for one that is left out.')
func modelSettings(i int, model chatModel, vaultName string) { *: string? } =>
  union(
    {
      'QuantaPilot__Chat__${i}__Name': model.name
      'QuantaPilot__Chat__${i}__Endpoint': model.url
      'QuantaPilot__Chat__${i}__Model': model.model
      'QuantaPilot__Chat__${i}__Key': model.takesKey ? vaultReference(vaultName, chatSecretName(model.name)) : null
      'QuantaPilot__Chat__${i}__InputUsdPerMillion': model.?inputUsdPerMillion
      'QuantaPilot__Chat__${i}__OutputUsdPerMillion': model.?outputUsdPerMillion
      'QuantaPilot__Chat__${i}__CachedInputUsdPerMillion': model.?cachedInputUsdPerMillion
      'QuantaPilot__Chat__${i}__Seed': model.?seed
      'QuantaPilot__Chat__${i}__Temperature': model.?temperature
      'QuantaPilot__Chat__${i}__MaxOutputTokens': numberText(model.?maxOutputTokens)
      'QuantaPilot__Chat__${i}__RequestTimeoutSeconds': numberText(model.?requestTimeoutSeconds)
      'QuantaPilot__Chat__${i}__AnswerFormat': model.?answerFormat
    },
    toObject(
      range(0, length(model.?projects ?? [])),
      j => 'QuantaPilot__Chat__${i}__Projects__${j}',
      j => model.projects![j]
    )
  )

@export()
@description('The settings that name models; null stands for one that is left out. Their keys are in the vault.')
func chatSettings(models chatModel[], vaultName string) { *: string? } =>
  reduce(range(0, length(models)), {}, (all, i) => union(all, modelSettings(i, models[i], vaultName)))

@export()
@description('The settings that name agents elsewhere. Their secrets are in the vault.')
func agentSettings(agents agentOptions[], vaultName string) { *: string } =>
  union(
    toObject(range(0, length(agents)), i => 'QuantaPilot__Agents__${i}__Name', i => agents[i].name),
    toObject(range(0, length(agents)), i => 'QuantaPilot__Agents__${i}__Url', i => agents[i].url),
    toObject(
      range(0, length(agents)),
      i => 'QuantaPilot__Agents__${i}__Secret',
      i => vaultReference(vaultName, agentSecretName(agents[i].name))
    ),
    toObject(
      flatten(map(
        range(0, length(agents)),
        i =>
          map(range(0, length(agents[i].?projects ?? [])), j => {
            name: 'QuantaPilot__Agents__${i}__Projects__${j}'
            value: agents[i].projects![j]
          })
      )),
      setting => setting.name,
      setting => setting.value
    )
  )
