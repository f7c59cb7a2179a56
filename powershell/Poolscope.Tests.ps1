# Pester 5: POOLSCOPE_PROGRAM names the program, POOLSCOPE_SAMPLE the sample data/samples/event-leak.csv.gz.
BeforeAll { Import-Module "$PSScriptRoot/Poolscope/Poolscope.psd1" -Force }

Describe 'Get-PoolTag' {
    It 'answers one object a tag and pool' {
        $tags = @(Get-PoolTag -Path $env:POOLSCOPE_SAMPLE)
        $tags.Count | Should -Be 186
        ($tags | Where-Object Tag -EQ 'Even').Outstanding | Should -Be 4009
        $tags[0].PSObject.TypeNames[0] | Should -Be 'Poolscope.Tag'
    }
    It 'passes patterns and limits on' {
        @(Get-PoolTag -Path $env:POOLSCOPE_SAMPLE -Tag 'Ev*' -Top 1).Tag | Should -Be 'Even'
    }
}

Describe 'Get-PoolLeak' {
    It 'answers what calls for action, and all where asked' {
        @(Get-PoolLeak $env:POOLSCOPE_SAMPLE).Tag | Should -Be 'Even'
        (Get-PoolLeak $env:POOLSCOPE_SAMPLE).BytesPerHour | Should -BeGreaterThan 1000000
    }
    It 'fails with the words of the program' {
        { Get-PoolLeak 'no such file.pool' -ErrorAction Stop } | Should -Throw '*no such file.pool*'
    }
}
