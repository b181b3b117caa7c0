module channels

go 1.25
