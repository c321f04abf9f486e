@echo off
rem Runs Millstream on Windows, as ./millstream does elsewhere: finds a Java that is new enough,
rem builds the jar if there is none, and runs the server. Arguments go to it unchanged;
rem MILLSTREAM_JAVA_OPTS to the Java virtual machine. --install is for the other launcher only.
setlocal EnableExtensions DisableDelayedExpansion
set "WANTED=25"
set "HERE=%~dp0"

if exist "%HERE%millstream.jar" (
    set "JAR=%HERE%millstream.jar"
) else (
    set "JAR=%HERE%server\target\millstream.jar"
)

rem Whoever names a Java means it: either a java command or the directory of a JDK.
set "FOUND="
if defined MILLSTREAM_JAVA (
    if exist "%MILLSTREAM_JAVA%\bin\java.exe" (
        call :try "%MILLSTREAM_JAVA%\bin\java.exe"
    ) else (
        call :try "%MILLSTREAM_JAVA%"
    )
    if not defined FOUND (
        echo MILLSTREAM_JAVA is %MILLSTREAM_JAVA%, which is not a Java %WANTED% or newer. Correct it, or unset it to search for one. 1>&2
        exit /b 1
    )
)
if not defined FOUND if defined JAVA_HOME call :try "%JAVA_HOME%\bin\java.exe"
if not defined FOUND for /f "delims=" %%J in ('where java.exe 2^>nul') do if not defined FOUND call :try "%%J"
if not defined FOUND for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\Microsoft\jdk-*") do if not defined FOUND call :try "%%D\bin\java.exe"
if not defined FOUND (
    echo Millstream needs Java %WANTED% or newer and found none. Install a JDK %WANTED%, or set MILLSTREAM_JAVA to the java command of one that is installed elsewhere. 1>&2
    exit /b 1
)

if not exist "%JAR%" (
    where mvn >nul 2>nul || (
        echo %JAR% is not built yet, and mvn, which builds it, is not on the PATH. Install Maven 3.8.7 or newer and try again. 1>&2
        exit /b 1
    )
    echo Building %JAR%, once; this takes a minute. 1>&2
    pushd "%HERE%"
    call mvn -B -q -pl server -am package -Dmaven.test.skip=true -Dformat.skip -Dstyle.color=never 1>&2 || (
        popd
        echo The build failed; the lines above say why. Nothing was started. 1>&2
        exit /b 1
    )
    popd
)

"%FOUND%" -XX:MaxRAMPercentage=40 -XX:MinRAMPercentage=40 -XX:+ExitOnOutOfMemoryError %MILLSTREAM_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%

rem Sets FOUND to %1 if that is a Java that is new enough.
:try
if not exist "%~1" exit /b 0
for /f "tokens=3" %%V in ('""%~1" -version 2^>^&1" ^| findstr /c:" version "') do (
    for /f "tokens=1 delims=.-+" %%M in ("%%~V") do if %%M GEQ %WANTED% set "FOUND=%~1"
)
exit /b 0
