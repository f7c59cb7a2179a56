@{
    RootModule           = 'Poolscope.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '7c0f7f5e-6a86-4c0b-9b1d-5d2a4f0c9e31'
    Author               = 'poolscope'
    Description          = 'Objects of poolscope: which Windows driver is eating kernel memory, how fast, and when it runs out.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    FunctionsToExport    = @('Get-PoolTag', 'Get-PoolLeak')
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{ PSData = @{ Tags = @('poolmon', 'kernel', 'pool', 'driver') } }
}
