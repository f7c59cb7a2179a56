# Objects of poolscope. Wraps the program: -Program names it, else POOLSCOPE_PROGRAM, else poolscope on the PATH.
# Windows PowerShell 5.1 and PowerShell 7; cmdlets and core types only, so that ConstrainedLanguage lets it run.

function Find-PoolscopeProgram([string] $Program) {
    if ($Program) { return $Program }
    if ($env:POOLSCOPE_PROGRAM) { return $env:POOLSCOPE_PROGRAM }
    $found = Get-Command -Name 'poolscope' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($found) { return $found.Source }
    throw 'poolscope was not found: put poolscope.exe on the PATH, name it with -Program, or set POOLSCOPE_PROGRAM'
}

# Runs one command and answers the objects of its JSON. What the program could not do becomes an error.
function Invoke-Poolscope([string] $Program, [string[]] $Arguments) {
    # What the program says on its error stream must not end the command; what the caller wants of errors holds again below.
    $wanted = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    # Not allowed in ConstrainedLanguage; names outside ASCII may then be shown wrongly.
    $before = $null
    try {
        $before = [Console]::OutputEncoding
        [Console]::OutputEncoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
    } catch { Write-Verbose 'the encoding of the console stays as it is' }
    try {
        $all = @(& $Program @Arguments 2>&1)
        $code = $LASTEXITCODE
    } finally {
        $ErrorActionPreference = $wanted
        if ($before) { try { [Console]::OutputEncoding = $before } catch { Write-Verbose 'the encoding of the console was not restored' } }
    }
    $talk = @($all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
    $text = @($all | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] }) -join "`n"
    if ($text) {
        try { $text | ConvertFrom-Json } catch { Write-Error -Message "$Program answered what is not JSON" }
    }
    if ($code -ne 0 -and $code -ne 1) {
        $said = ($talk | Where-Object { $_ }) -join ' '
        if (-not $said) { $said = "poolscope ended with $code" }
        Write-Error -Message $said -Category InvalidOperation -ErrorId "PoolscopeExit$code"
    } else {
        foreach ($line in $talk) { if ($line) { Write-Verbose $line } }
    }
}

<#
.SYNOPSIS
Pool use by tag, one object a tag and pool.
.DESCRIPTION
Of this Windows machine, or of a source: a recording, PoolMon logs, CSV, a kernel dump.
.PARAMETER Path
Files or folders; without it this machine.
.PARAMETER Tag
Only these tags; * and ? as in PoolMon.
.PARAMETER Top
At most this many.
.EXAMPLE
Get-PoolTag | Sort-Object Bytes -Descending | Select-Object -First 10
.EXAMPLE
Get-PoolTag -Path week.pool -Tag 'Nt??' | Export-Csv pool.csv
#>
function Get-PoolTag {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName')]
        [string[]] $Path,
        [string[]] $Tag,
        [ValidateRange(1, 1000000)]
        [int] $Top,
        [string] $Program
    )
    process {
        $arguments = @('snapshot', '--json')
        foreach ($each in $Tag) { $arguments += "--tag=$each" }
        if ($Top) { $arguments += "--top=$Top" }
        if ($Path) { $arguments += '--'; foreach ($each in $Path) { $arguments += $each -replace '(?<=[^:\\/])[\\/]+$', '' } }
        foreach ($snapshot in (Invoke-Poolscope (Find-PoolscopeProgram $Program) $arguments)) {
            foreach ($use in $snapshot.uses) {
                New-Object -TypeName PSObject -Property ([ordered] @{
                        PSTypeName  = 'Poolscope.Tag'
                        Tag         = $use.tag
                        Pool        = $use.pool
                        Allocs      = $use.allocs
                        Frees       = $use.frees
                        Outstanding = $use.outstanding
                        Bytes       = $use.bytes
                        Owner       = $use.owner.component
                        Host        = $snapshot.origin.host
                        Time        = $snapshot.time
                    })
            }
        }
    }
}

<#
.SYNOPSIS
Tags that a model of growth judged, one object a finding.
.DESCRIPTION
Leaks by default; -All also what is harmless or undecided. Suspect is empty where nobody is accused.
.PARAMETER Path
Recordings, logs or folders of them.
.PARAMETER All
Every finding, not only those that call for action.
.EXAMPLE
Get-PoolLeak week.pool | Format-Table Tag, BytesPerHour, Suspect, Title
#>
function Get-PoolLeak {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName')]
        [string[]] $Path,
        [switch] $All,
        [string] $Program
    )
    process {
        $arguments = @('leaks', '--json', '--')
        foreach ($each in $Path) { $arguments += $each -replace '(?<=[^:\\/])[\\/]+$', '' }
        $answer = Invoke-Poolscope (Find-PoolscopeProgram $Program) $arguments
        # Several machines come as one list.
        $diagnoses = if ($answer.machines) { $answer.machines } else { $answer }
        foreach ($diagnosis in $diagnoses) {
            foreach ($verdict in $diagnosis.verdicts) {
                if (-not $All -and @('leaking', 'stopped-held') -notcontains $verdict.state) { continue }
                New-Object -TypeName PSObject -Property ([ordered] @{
                        PSTypeName   = 'Poolscope.Leak'
                        Tag          = $verdict.tag
                        Pool         = $verdict.pool
                        State        = $verdict.state
                        BytesPerHour = $verdict.bytesPerHour.value
                        Since        = $verdict.since
                        Title        = $verdict.title
                        HeldBytes    = $verdict.heldBytes
                        Suspect      = $verdict.attribution.suspect.names -join ', '
                        Verdict      = $verdict
                    })
            }
        }
    }
}

Export-ModuleMember -Function Get-PoolTag, Get-PoolLeak
