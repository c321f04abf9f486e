@echo off
rem Runs Millstream on Windows, as ./millstream does elsewhere: finds a Java that is new enough,
rem builds the jar if there is none, and runs the server. Arguments go to it unchanged;
rem MILLSTREAM_JAVA_OPTS to the Java virtual machine. --install is for the other launcher only.
rem
rem No path stands in a block of brackets, where one of C:\Program Files (x86) would end the block,
rem and each stands in quotes, where an ampersand is part of it. Hence goto.
setlocal EnableExtensions DisableDelayedExpansion
set "WANTED=25"
set "HERE=%~dp0"
set "JAR=%HERE%millstream.jar"
if not exist "%JAR%" set "JAR=%HERE%server\target\millstream.jar"
set "FOUND="

rem Whoever names a Java means it: either a java command or the directory of a JDK.
if not defined MILLSTREAM_JAVA goto search
set "NAMED=%MILLSTREAM_JAVA:"=%"
set "CANDIDATE=%NAMED%"
if exist "%NAMED%\bin\java.exe" set "CANDIDATE=%NAMED%\bin\java.exe"
call :try
if defined FOUND goto found
echo MILLSTREAM_JAVA is "%NAMED%", which is not a Java %WANTED% or newer. Correct it, or unset it to search for one. 1>&2
exit /b 1

:search
if not defined JAVA_HOME goto path
set "CANDIDATE=%JAVA_HOME:"=%\bin\java.exe"
call :try
:path
for /f "delims=" %%J in ('where java.exe 2^>nul') do set "CANDIDATE=%%J"& call :try
for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\jdk-*" "%ProgramFiles%\Java\jdk-*" "%ProgramFiles%\Microsoft\jdk-*") do set "CANDIDATE=%%~D\bin\java.exe"& call :try
if defined FOUND goto found
echo Millstream needs Java %WANTED% or newer and found none. Install a JDK %WANTED%, or set MILLSTREAM_JAVA to the java command of one that is installed elsewhere. 1>&2
exit /b 1

:found
if exist "%JAR%" goto run
where mvn >nul 2>nul
if not errorlevel 1 goto build
echo "%JAR%" is not built yet, and mvn, which builds it, is not on the PATH. Install Maven 3.8.7 or newer and try again. 1>&2
exit /b 1

:build
echo Building "%JAR%", once; this takes a minute. 1>&2
pushd "%HERE%"
call mvn -B -q -pl server -am package -Dmaven.test.skip=true -Dformat.skip -Dstyle.color=never 1>&2
set "STATUS=%ERRORLEVEL%"
popd
if "%STATUS%"=="0" goto run
echo The build failed; the lines above say why. Nothing was started. 1>&2
exit /b 1

:run
"%FOUND%" -XX:MaxRAMPercentage=40 -XX:MinRAMPercentage=40 -XX:+ExitOnOutOfMemoryError %MILLSTREAM_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%

rem Sets FOUND to CANDIDATE if that is the first Java that is new enough: its second word is
rem "version", and the third one, in quotes, is which. The outer quotes, hidden from this command
rem processor by ^, are those that the one that it starts takes away.
:try
if defined FOUND exit /b 0
if not exist "%CANDIDATE%" exit /b 0
set "VERSION="
for /f "tokens=2,3" %%A in ('^""%CANDIDATE%" -version 2^>^&1^"') do if "%%~A"=="version" set "VERSION=%%~B"
if not defined VERSION exit /b 0
for /f "tokens=1 delims=.-+" %%M in ("%VERSION%") do if %%M GEQ %WANTED% set "FOUND=%CANDIDATE%"
exit /b 0
