module go-url

go 1.26
