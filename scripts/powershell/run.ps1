#Requires -Version 7.2
<#
.SYNOPSIS
The whole life of a run: start it, watch it live, see what its gates ask, decide, read its log.
.DESCRIPTION
Exit codes: 0 completed, 1 failed, 2 wrong use, 3 rejected or cancelled.
.PARAMETER Repository
The URL of the repository.
.PARAMETER Branch
The branch that the run works on.
.PARAMETER Server
The URL of the server; by default $env:QP.
.PARAMETER Token
An API token; by default $env:TOKEN.
.PARAMETER Decision
What is decided at gates: ask (the default), approve or reject.
.PARAMETER Reason
Why, for decisions that are not asked for.
.PARAMETER Key
Any text: a repeat with the same key finds the run that it has started. By default a new one.
.EXAMPLE
$env:QP = 'http://127.0.0.1:7071'; $env:TOKEN = Get-Content data/admin.token
scripts/powershell/run.ps1 https://github.com/my-org/project main
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Repository,
    [Parameter(Mandatory)] [string] $Branch,
    [string] $Server = $env:QP,
    [string] $Token = $env:TOKEN,
    [ValidateSet('ask', 'approve', 'reject')] [string] $Decision = 'ask',
    [string] $Reason = 'decided with run.ps1',
    [string] $Key = [guid]::NewGuid().ToString()
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not $Server -or -not $Token) {
    [Console]::Error.WriteLine('Give -Server and -Token, or set QP and TOKEN.')
    exit 2
}
$Server = $Server.TrimEnd('/')
$client = [System.Net.Http.HttpClient]::new()
# For streams: they are open for as long as the run takes.
$client.Timeout = [System.Threading.Timeout]::InfiniteTimeSpan
$client.DefaultRequestHeaders.Authorization = [System.Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', $Token)

# The answer's status and JSON, whether it is a problem or not.
function Send-Request([string] $Method, [string] $Path, $Body, [hashtable] $Headers = @{}) {
    $request = @{
        Method             = $Method
        Uri                = "$Server$Path"
        Headers            = $Headers + @{ Authorization = "Bearer $Token" }
        SkipHttpErrorCheck = $true
        StatusCodeVariable = 'status'
        TimeoutSec         = 60
    }
    if ($Body) {
        $request.Body = ConvertTo-Json -Compress $Body
        $request.ContentType = 'application/json'
    }
    $answer = Invoke-RestMethod @request
    [pscustomobject]@{ Status = $status; Body = $answer }
}

# A problem ends the script. Passing ones (429, 503) are tried again.
function Get-Answer([string] $Method, [string] $Path, $Body, [hashtable] $Headers = @{}) {
    foreach ($pause in 1, 2, 4, 8, 16, 0) {
        $answer = Send-Request $Method $Path $Body $Headers
        if ($answer.Status -lt 300) { return $answer.Body }
        if ($answer.Status -notin 429, 503 -or $pause -eq 0) { break }
        Start-Sleep -Seconds $pause
    }
    [Console]::Error.WriteLine((ConvertTo-Json -Compress $answer.Body))
    exit 1
}

# What the gate asks, the decision, and what came of it.
function Submit-Decision([string] $RunId, [string] $Gate) {
    $asked = (Get-Answer GET "/runs/$RunId/gates").items | Where-Object { $_.gate -eq $Gate -and $_.status -eq 'pending' }
    # Somebody else was faster.
    if (-not $asked) { return }
    Write-Host "gate ${Gate}: $($asked.description)"
    Write-Host "  branch $($asked.review.pull_request.branch) at $($asked.review.head_sha), until $($asked.expires_at)"
    $choice, $why = $Decision, $Reason
    if ($choice -eq 'ask') {
        $choice = Read-Host 'approve or reject?'
        $why = Read-Host 'reason'
    }
    # The head that was looked at: if it has moved meanwhile, the decision is refused as stale and the gate asks again.
    $body = @{ approved = $choice -eq 'approve'; reason = $why; head_sha = $asked.review.head_sha }
    $answer = Send-Request POST "/runs/$RunId/gates/$Gate" $body
    if ($answer.Status -eq 200) { Write-Host "  $($answer.Body.result)" }
    else { [Console]::Error.WriteLine("  $($answer.Body.error_code): $($answer.Body.detail)") }
}

# The live stream after an event.
function Open-Stream([string] $RunId, [long] $After) {
    $request = [System.Net.Http.HttpRequestMessage]::new('GET', "$Server/runs/$RunId/events")
    $request.Headers.Accept.ParseAdd('text/event-stream')
    $request.Headers.Add('Last-Event-ID', "$After")
    $response = $client.Send($request, [System.Net.Http.HttpCompletionOption]::ResponseHeadersRead)
    [System.IO.StreamReader]::new($response.EnsureSuccessStatusCode().Content.ReadAsStream())
}

# With an Idempotency-Key a repeat, after a lost answer say, starts nothing twice.
$run = (Get-Answer POST '/run' @{ repo_url = $Repository; branch = $Branch } @{ 'Idempotency-Key' = $Key }).run_id
Write-Host "run $run"
$after = 0
$ended = $null
while ($null -eq $ended) {
    # A stream that breaks off is opened again, and goes on after the last event that was read.
    try {
        $stream = Open-Stream $run $after
        while ($null -eq $ended -and $null -ne ($line = $stream.ReadLine())) {
            if (-not $line.StartsWith('data: ')) { continue }
            $e = ConvertFrom-Json $line.Substring(6)
            $after = $e.sequence
            Write-Host "$after $($e.type -replace '^quantapilot\.')"
            switch ($e.type) {
                'quantapilot.gate_requested' { Submit-Decision $run $e.data.gate }
                'quantapilot.run_completed' { $ended = 0 }
                'quantapilot.run_failed' {
                    [Console]::Error.WriteLine("$($e.data.error_code): $($e.data.message)")
                    $ended = $e.data.error_code -in 'gate_rejected', 'cancelled' ? 3 : 1
                }
            }
        }
        $stream.Dispose()
    }
    catch [System.IO.IOException], [System.Net.Http.HttpRequestException] {
        Write-Host "the stream broke off: $($_.Exception.Message)"
    }
    if ($null -eq $ended) {
        Start-Sleep -Seconds 2
        # Ends the script if the run can't be read any more.
        [void](Get-Answer GET "/runs/$run")
    }
}

Write-Host 'log:'
foreach ($e in (Get-Answer GET "/runs/$run/events?after=0&limit=200").items) {
    Write-Host "  $($e.sequence) $($e.time) $($e.type) $(ConvertTo-Json -Compress $e.data)"
}
exit $ended
